"""The whole system on one machine, on loopback, for development and demonstration. Not shipped."""
