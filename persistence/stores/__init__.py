"""One store a subject: queries and changes, each within the transaction of its connection."""
