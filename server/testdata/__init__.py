"""Realistic test data: valid Ersuchen about invented people at real places."""
