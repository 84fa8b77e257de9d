"""The composition root: settings, conductor, daemon and command line."""
