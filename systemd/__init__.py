"""The service as an administrator runs it: the unit and its companions, and what puts them in."""
