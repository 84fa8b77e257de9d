"""The whole system on one machine, on loopback, for development, tests and demonstration. Not shipped."""
