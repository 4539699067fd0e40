"""Letters and where they go: layout, job ticket, print dispatcher, built-in output plugins."""
