"""Benchmarks: ratios measured in one run against a running installation."""
