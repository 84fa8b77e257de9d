"""What people and monitors look at: the timeline of a call, health and status over HTTP."""
