"""Alembic's entry: runs migrations on the connection that `persistence.schema` hands over."""

from alembic import context

from persistence.draft_tables import draft

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=draft.metadata,
    render_as_batch=True,
)
context.run_migrations()
