"""Sealed blocks, who is mentioned with them, and which loads were taken.

``if_not_exists``: SQLite commits each statement by itself, so an upgrade that was cut short is run again.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "vault_0001", None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "block",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("subject", "version", "rule")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("received", "expires")),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("expires > received", name="block_is_not_for_ever"),
        sa.CheckConstraint("version > 0 and rule >= 0 and received >= 0", name="block_has_a_rule"),
        sa.CheckConstraint("length(sealed) > 28", name="block_is_sealed"),
        if_not_exists=True,
    )
    op.create_index("block_expires", "block", ["expires"], if_not_exists=True)
    op.create_index("block_subject", "block", ["subject"], if_not_exists=True)
    op.create_table(
        "mention",
        sa.Column("subject", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("block", sa.BigInteger, sa.ForeignKey("block.id", ondelete="cascade"), primary_key=True),
        if_not_exists=True,
    )
    op.create_index("mention_block", "mention", ["block"], if_not_exists=True)
    op.create_table("load_taken", sa.Column("id", sa.LargeBinary, primary_key=True), if_not_exists=True)
