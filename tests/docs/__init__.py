"""Documents of the house that are held to its code."""
