"""Clients that speak only the wire: they import neither server nor persistence."""
