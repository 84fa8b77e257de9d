"""Tests of the shell that puts the house together."""
