"""What happened: one record per thing, appended to a local spool, off the event loop."""
