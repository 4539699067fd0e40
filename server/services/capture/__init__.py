"""Capturing an Ersuchen: drafts, what is typed into them, checking, sending."""
