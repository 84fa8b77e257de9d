"""`siaga112 explain`: what it says is what the daemon does."""
