"""Tests of `sandbox/`: what proves the system must itself be right."""
