"""Alembic runs this file for each upgrade; ``stores/tables`` hands it a connection and the history's name."""

from alembic import context

given = context.config.attributes
context.configure(connection=given["connection"], version_table=f"{given['history']}_version")
with context.begin_transaction():
    context.run_migrations()
