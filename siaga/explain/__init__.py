"""The command `siaga112 explain`: who gets a call, and why, before anybody calls."""
