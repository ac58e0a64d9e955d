"""Adopted versions and receipts of choices."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "ledger_0001", None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "adoption",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("version > 0 and length(sha256) = 32", name="adoption_is_of_a_text"),
        if_not_exists=True,
    )
    op.create_table(
        "receipt",
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("choice", sa.String(6), nullable=False),
        sa.CheckConstraint("choice in ('grant', 'refuse')", name="receipt_choice"),
        sa.CheckConstraint("length(purpose) > 0", name="receipt_purpose"),
        sa.CheckConstraint("version > 0 and number > 0", name="receipt_of_a_version"),
        if_not_exists=True,
    )
    op.create_table(
        "receipt_tag",
        sa.Column("receipt", sa.String(36), sa.ForeignKey("receipt.id"), primary_key=True),
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.CheckConstraint("length(tag) > 0", name="receipt_tag_is_somebody"),
        if_not_exists=True,
    )
