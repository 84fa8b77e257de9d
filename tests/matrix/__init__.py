"""The tables of states and events: drawn from the code, and shown cell by cell."""
