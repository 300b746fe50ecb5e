"""Triggers that keep the audit log as it was written: the database itself refuses to change or remove a row, whoever asks.

Made by migration 0002, and for tables that tests make without migrations (`postventa/models/watch.py`). What stands here was released with that
migration: a change needs a new one.
"""

from __future__ import annotations

MESSAGE = "the audit log is append-only: rows are added by postventa.audit and never changed or removed"

SQLITE = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    # INSERT OR REPLACE removes the old row without asking the trigger above
    f"CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN NEW.id IN (SELECT id FROM audit) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",  # noqa: S608
)
POSTGRESQL = (
    f"CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
)


def statements(dialect: str) -> tuple[str, ...]:
    """The DDL for that database, to be run once, after the table was made."""
    return POSTGRESQL if dialect == "postgresql" else SQLITE
