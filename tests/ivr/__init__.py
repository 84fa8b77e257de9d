"""Tests of the dialogue with the caller."""
