"""The people who work with the service, how they prove who they are, and where they are signed in.

Every token is 256 random bits; what stands here is its SHA-256. Times are the machine's: the product's clock may be shifted, a session's may not.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Moment


class Account(Base):
    """A person, with a role. Whoever has no passkey has a password and a TOTP secret: a password alone opens nothing."""

    __tablename__ = "account"
    __table_args__ = (Index("uq_account_email", "email", unique=True), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    """In lower case."""
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    """A name of `postventa.accounts.roles.Role`."""
    handle: Mapped[bytes] = mapped_column(LargeBinary)
    """Random: what a passkey keeps instead of the address (WebAuthn's user handle)."""
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed by `postventa.vault`."""
    totp_step: Mapped[int | None] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"))
    """The 30 seconds (RFC 6238) of the newest code that was used: it and older ones count no more."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class Passkey(Base):
    """A WebAuthn credential."""

    __tablename__ = "passkey"
    __table_args__ = (Index("uq_passkey_credential", "credential_id", unique=True), Index("ix_passkey_account_id", "account_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """COSE, as the authenticator gave it."""
    sign_count: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), default=0)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """One of ten codes for whoever lost their phone: each counts once."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_account_id", "account_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class SignedIn(Base):
    """One browser in which somebody is signed in (`session`); SQLAlchemy has the other word."""

    __tablename__ = "session"
    __table_args__ = (Index("uq_session_token", "token_hash", unique=True), Index("ix_session_account_id", "account_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(Text, default="")
    browser: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Invitation(Base):
    """A one-time link: who opens it chooses how to sign in."""

    __tablename__ = "invitation"
    __table_args__ = (Index("uq_invitation_token", "token_hash", unique=True), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    """first_owner | invite | recovery"""
    role: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """Whose account it gives back (recovery)."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was used, or withdrawn."""


class SignInCount(Base):
    """How often somebody tried to sign in within a quarter of an hour, by address or by account; neither stands here in clear."""

    __tablename__ = "sign_in_count"
    __table_args__ = (Index("uq_sign_in_count", "subject", "began_at", unique=True), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    subject: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(Moment)
    count: Mapped[int] = mapped_column(Integer, default=0)


class SpentChallenge(Base):
    """A WebAuthn challenge that was answered: it counts once."""

    __tablename__ = "spent_challenge"
    __table_args__ = (Index("uq_spent_challenge", "challenge_hash", unique=True), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    challenge_hash: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(Moment)
