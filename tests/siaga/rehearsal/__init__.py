"""Tests of `siaga.rehearsal`."""
