"""Letters in batches: gathered at the cut-off, handed over once, followed (docs/batches.md)."""
