"""Every parser is given what nobody would send: real documents with mutations, and noise.

`table.py` has all targets. CI runs a slice of each (`test_slice.py`), the same one each time;
`make fuzz` runs the same targets for longer, on seeds of its own.
"""
