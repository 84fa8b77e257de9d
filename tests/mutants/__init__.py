"""Seeded mutants: each breaks one rule that matters, and the simulator must catch every one.

A simulator that finds nothing may be blind. Each file beside this one is a mutant: the rule in
words, and the edit that breaks it. `python -m tests.mutants` lets the simulator play on each of
them, in a copy of the house, and says which law caught it at which seed. One that survives is a
hole in the simulator.
"""
