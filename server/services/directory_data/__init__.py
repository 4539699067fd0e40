"""Data of the directory as files: reading, comparing, importing, exporting (docs/directory.md)."""
