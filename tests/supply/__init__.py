"""Tests of `supply/`: what is not to be trusted is found, and what cannot be known is said."""
