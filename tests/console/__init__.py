"""What proves what people and monitors look at."""
