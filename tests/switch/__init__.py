"""Tests of the ARI layer on a real HTTP server that misbehaves as asked."""
