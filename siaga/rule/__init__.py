"""What settings must keep besides their types: one module for each file of the settings."""
