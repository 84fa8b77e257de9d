"""`siaga112 rehearse`: a synthetic city's calls on the administrator's own settings."""
