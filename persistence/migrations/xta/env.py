"""Alembic's entry: runs migrations on the connection that `persistence.schema` hands over."""

from alembic import context

from persistence.news_tables import letter_news

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=letter_news.metadata,
    render_as_batch=True,
)
context.run_migrations()
