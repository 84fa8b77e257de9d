"""Who should get this call: zones, roster, operators, hunting, queue. Pure: no I/O, no clock, no await."""
