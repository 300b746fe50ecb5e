"""Accounts of the people who work with the service. Only new tables: older code runs beside them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from postventa.models import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _account()
    _passkey()
    _recovery_code()
    _session()
    _invitation()
    _limits()


def _table(name: str, *columns: sa.Column[Any], refers: tuple[str, ...] = ()) -> None:
    keys = [sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_{name}_{column}")) for column in refers]
    number = sa.Column("id", types.Id, nullable=False)
    op.create_table(
        name, number, *columns, *keys, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")), sqlite_autoincrement=True, sqlite_strict=True
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, types.Moment(), nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _whose(*, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column("account_id", types.Id, nullable=nullable)


def _account() -> None:
    _table(
        "account",
        *(
            _text("email"),
            _text("name"),
            _text("role"),
            _bytes("handle"),
            _text("password_hash", nullable=True),
            _bytes("totp_secret", nullable=True),
        ),
        sa.Column("totp_step", BIG, nullable=True),
        *(_moment("created_at"), _moment("seen_at", nullable=True), _moment("disabled_at", nullable=True)),
    )
    op.create_index("uq_account_email", "account", ["email"], unique=True)


def _passkey() -> None:
    _table(
        "passkey",
        *(_whose(), _bytes("credential_id"), _bytes("public_key"), sa.Column("sign_count", BIG, nullable=False)),
        *(_text("name"), _moment("created_at"), _moment("used_at", nullable=True)),
        refers=("account_id",),
    )
    op.create_index("uq_passkey_credential", "passkey", ["credential_id"], unique=True)
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"])


def _recovery_code() -> None:
    _table("recovery_code", _whose(), _text("code_hash"), _moment("created_at"), _moment("used_at", nullable=True), refers=("account_id",))
    op.create_index("ix_recovery_code_account_id", "recovery_code", ["account_id"])


def _session() -> None:
    _table(
        "session",
        *(_whose(), _text("token_hash"), _moment("created_at"), _moment("seen_at"), _moment("ends_at")),
        *(_text("address"), _text("browser"), _moment("ended_at", nullable=True)),
        refers=("account_id",),
    )
    op.create_index("uq_session_token", "session", ["token_hash"], unique=True)
    op.create_index("ix_session_account_id", "session", ["account_id"])


def _invitation() -> None:
    _table(
        "invitation",
        *(_text("token_hash"), _text("purpose"), _text("role"), _text("email")),
        *(_whose(nullable=True), sa.Column("created_by", types.Id, nullable=True)),
        *(_moment("created_at"), _moment("expires_at"), _moment("used_at", nullable=True)),
        refers=("account_id", "created_by"),
    )
    op.create_index("uq_invitation_token", "invitation", ["token_hash"], unique=True)


def _limits() -> None:
    _table("sign_in_count", _text("subject"), _moment("began_at"), sa.Column("count", sa.Integer(), nullable=False))
    op.create_index("uq_sign_in_count", "sign_in_count", ["subject", "began_at"], unique=True)
    _table("spent_challenge", _text("challenge_hash"), _moment("expires_at"))
    op.create_index("uq_spent_challenge", "spent_challenge", ["challenge_hash"], unique=True)
