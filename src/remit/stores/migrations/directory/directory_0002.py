"""Under which tag a name's choices stand. An entry that was there before gets it when its name comes again."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "directory_0002", "directory_0001"


def upgrade() -> None:
    """Add the column."""
    there = sa.inspect(op.get_bind()).get_columns("entry")
    if "tag" not in {column["name"] for column in there}:
        op.add_column("entry", sa.Column("tag", sa.LargeBinary))
