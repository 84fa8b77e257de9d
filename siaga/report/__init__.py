"""`siaga112 report`: the figures of a time, for people and for other programs."""
