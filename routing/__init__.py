"""Who should get this call: zone, roster, operators, hunting, queue. No I/O, no clock, no await."""
