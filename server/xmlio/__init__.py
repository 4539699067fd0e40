"""lxml at work: safe parsing, the contract files, validation, reading and writing messages."""
