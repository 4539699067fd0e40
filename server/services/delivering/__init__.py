"""Delivery after the commit: the engine, and one channel for each kind of destination."""
