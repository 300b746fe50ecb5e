"""Alembic's entry: runs on the connection that `postventa.migrations` hands over."""

from alembic import context

from postventa.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=False)
with context.begin_transaction():
    context.run_migrations()
