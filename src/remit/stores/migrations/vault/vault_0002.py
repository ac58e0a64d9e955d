"""Which clues lead to a block, and until when."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "vault_0002", "vault_0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "clue",
        sa.Column("blind", sa.LargeBinary, primary_key=True),
        sa.Column("block", sa.BigInteger, sa.ForeignKey("block.id", ondelete="cascade"), primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.CheckConstraint("length(blind) = 32", name="clue_is_blind"),
        if_not_exists=True,
    )
    op.create_index("clue_block", "clue", ["block"], if_not_exists=True)
    op.create_index("clue_expires", "clue", ["expires"], if_not_exists=True)
