"""The ledger only grows: the database itself refuses to change or remove what stands in it."""

from alembic import op

revision, down_revision = "ledger_0002", "ledger_0001"

TABLES = ("adoption", "receipt", "receipt_tag")


def upgrade() -> None:
    """Make the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for act in ("update", "delete"):
                op.execute(
                    f"create trigger if not exists {table}_no_{act} before {act} on {table}"
                    " begin select raise(abort, 'the ledger is append-only'); end"
                )
        return
    op.execute(
        "create or replace function ledger_only_grows() returns trigger language plpgsql as"
        " $$ begin raise integrity_constraint_violation using message = 'the ledger is append-only'; end $$"
    )
    for table in TABLES:
        op.execute(
            f"create trigger {table}_stays before update or delete or truncate on {table}"
            " for each statement execute function ledger_only_grows()"
        )
