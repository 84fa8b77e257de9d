"""What a report says of the records."""
