"""The tables of uploaded files that wait for their confirmation: of the directory, code lists."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, LargeBinary, String, Table

from persistence.tables import metadata
from persistence.types import UtcDateTime
from persistence.web_tables import web_user

# What one person has uploaded at once.
directory_upload = Table(
    "directory_upload",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("user_key", ForeignKey(web_user.c.key), nullable=False),
    Column("created", UtcDateTime, nullable=False, index=True),
    Column("is_full", Boolean, nullable=False),
    Column("encoding", String(32), nullable=False),
)

directory_upload_file = Table(
    "directory_upload_file",
    metadata,
    Column("token", ForeignKey(directory_upload.c.token), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# Code lists that one person has uploaded at once; days that were typed go before those of the file.
codelist_upload = Table(
    "codelist_upload",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("user_key", ForeignKey(web_user.c.key), nullable=False),
    Column("created", UtcDateTime, nullable=False, index=True),
    Column("name", String(255), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
)
