"""What proves that the unit fits the daemon."""
