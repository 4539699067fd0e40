"""Figures: counting in the worker, and what is shown of it (docs/figures.md)."""
