"""The output plugins that are shipped; found by their entry points like all others."""
