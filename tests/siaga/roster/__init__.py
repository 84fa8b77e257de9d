"""Tests of `siaga.roster`."""
