"""Tests against a real Asterisk with real phones."""
