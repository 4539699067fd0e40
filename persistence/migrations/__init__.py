"""Alembic migrations: `xta` for the XTA server, `authority` for the Authority-Server."""
