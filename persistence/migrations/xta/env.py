"""Alembic's entry: runs migrations on the connection that `persistence.schema` hands over."""

from alembic import context

from persistence.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
