"""Triggers that keep statements of withdrawal as they were made: the database itself refuses to change or remove one, whoever asks.

Their content may only go, when it is locked away or its time is over; what proves what it said stays. Made by migration 0014, and for tables that
tests make without migrations (`postventa/models/withdrawal.py`). What stands here was released with that migration: a change needs a new one.
"""

from __future__ import annotations

MESSAGE = "a statement of withdrawal is evidence: it is added by postventa.withdrawal.store and never changed or removed"
FIXED = ("id", "shop_id", "ref", "form_key", "channel", "submitted_at", "created_at", "digest")
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
_CALL = "EXECUTE FUNCTION withdrawal_is_evidence()"
_CHANGED = "NEW.{0} IS NOT OLD.{0}", "NEW.{0} IS DISTINCT FROM OLD.{0}"


def _condition(template: str) -> str:
    fixed = " OR ".join(template.format(column) for column in FIXED)
    return f"{fixed} OR (NEW.content IS NOT NULL AND {template.format('content')})"


SQLITE = (
    f"CREATE TRIGGER withdrawal_no_update BEFORE UPDATE ON withdrawal WHEN {_condition(_CHANGED[0])} {_REFUSE}",
    f"CREATE TRIGGER withdrawal_no_delete BEFORE DELETE ON withdrawal {_REFUSE}",
    f"CREATE TRIGGER withdrawal_no_replace BEFORE INSERT ON withdrawal WHEN NEW.id IN (SELECT id FROM withdrawal) {_REFUSE}",  # noqa: S608
)
POSTGRESQL = (
    f"CREATE FUNCTION withdrawal_is_evidence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$",
    f"CREATE TRIGGER withdrawal_no_change BEFORE UPDATE ON withdrawal FOR EACH ROW WHEN ({_condition(_CHANGED[1])}) {_CALL}",
    f"CREATE TRIGGER withdrawal_no_delete BEFORE DELETE ON withdrawal FOR EACH ROW {_CALL}",
    f"CREATE TRIGGER withdrawal_no_truncate BEFORE TRUNCATE ON withdrawal FOR EACH STATEMENT {_CALL}",
)


def statements(dialect: str) -> tuple[str, ...]:
    """The DDL for that database, to be run once, after the table was made."""
    return POSTGRESQL if dialect == "postgresql" else SQLITE
