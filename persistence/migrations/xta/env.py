"""Alembic's entry: runs migrations on the connection that `persistence.schema` hands over."""

from alembic import context

from persistence.letter_tables import letter

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=letter.metadata,
    render_as_batch=True,
)
context.run_migrations()
