"""Alembic's entry: runs migrations on the connection that `persistence.schema` hands over."""

from alembic import context

from persistence.web_tables import web_user

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=web_user.metadata,
    render_as_batch=True,
)
context.run_migrations()
