"""Blind names with their wrapped data keys, and the keys of the day that wrap them."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "directory_0001", None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "entry",
        sa.Column("blind", sa.LargeBinary, primary_key=True),
        sa.Column("subject", sa.BigInteger, nullable=False, unique=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(blind) = 32 and length(wrapped) = 60", name="entry_is_blind_and_wrapped"),
        if_not_exists=True,
    )
    op.create_table(
        "day_key",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(day) = 10 and length(sealed) = 60", name="day_key_is_sealed"),
        if_not_exists=True,
    )
