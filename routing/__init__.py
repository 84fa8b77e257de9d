"""Who should get this call: zones, roster, operators, hunting, queue. No I/O, no clock, no await."""
