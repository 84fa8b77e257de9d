"""What proves the journal: real files, real threads, processes that are really killed."""
