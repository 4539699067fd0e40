"""Installing and running: processes, checks at start, status. Puts parts together."""
