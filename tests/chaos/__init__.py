"""Breaks things on purpose on a real Asterisk, with callers in all states, and counts who is lost.

make chaos [ROUNDS=1] [SEED=112] [FAULTS="kill frozen"] [JSON=file]
"""
