"""Scripts that run on a real Asterisk with real phones and on the one in memory, alike."""
