"""Alembic's entry: runs migrations on the connection that `persistence.schema` hands over."""

from alembic import context

from persistence import (
    certificate_tables,
    draft_tables,
    figure_tables,
    letterhead_tables,
    news_tables,
    upload_tables,
    vorgang_tables,
    web_tables,
)

# Each module adds its tables to the same metadata.
_MODULES = (
    certificate_tables,
    draft_tables,
    figure_tables,
    letterhead_tables,
    news_tables,
    upload_tables,
    vorgang_tables,
    web_tables,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=_MODULES[0].metadata,
    render_as_batch=True,
)
context.run_migrations()
