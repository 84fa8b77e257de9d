"""The dialogue with the caller: prompts, digits, time-outs. Pure: no I/O, no clock, no await."""
