"""Golden calls: what a real Asterisk told, and what was decided; rewritten by `make golden`."""
