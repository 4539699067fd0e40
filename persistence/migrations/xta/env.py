"""Alembic's entry: runs migrations on the connection that `persistence.schema` hands over."""

from alembic import context

from persistence.draft_tables import draft
from persistence.figure_tables import figure_cell
from persistence.news_tables import letter_news
from persistence.web_tables import web_user

# Tables register with the metadata when their modules are imported.
assert draft.metadata is letter_news.metadata is web_user.metadata is figure_cell.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=draft.metadata,
    render_as_batch=True,
)
context.run_migrations()
