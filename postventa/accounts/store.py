"""Accounts and what proves them: the writer of `account`, `passkey` and `recovery_code`."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postventa import vault
from postventa.accounts import codes
from postventa.accounts.passkeys import LIFE, Made
from postventa.accounts.roles import Role
from postventa.accounts.tokens import keyed
from postventa.models import Account, Invitation, Passkey, RecoveryCode, SignedIn, SignInCount, SpentChallenge

KEPT = timedelta(days=30)
"""How long sessions and links that are over stay to be looked at."""


def by_email(session: Session, email: str) -> Account | None:
    """The account of that address, however its letters are written."""
    return session.scalar(select(Account).where(Account.email == email.strip().lower()))


def everyone(session: Session) -> list[Account]:
    """All accounts, the oldest first."""
    return list(session.scalars(select(Account).order_by(Account.id)))


def make(session: Session, email: str, name: str, role: str, handle: bytes, now: datetime) -> Account:
    """A new account, which nothing proves yet: the same transaction has to give it a proof."""
    account = Account(email=email.strip().lower(), name=name, role=role, handle=handle, created_at=now)
    session.add(account)
    session.flush()
    return account


def set_password_and_totp(session: Session, secret: bytes, account: Account, password_hash: str, totp: str, step: int, now: datetime) -> list[str]:
    """Both proofs at once, as neither counts alone; the ten recovery codes, which are shown this once."""
    account.password_hash = password_hash
    account.totp_secret = vault.seal(secret, {"totp": totp}, _where(account))
    account.totp_step = step
    return renew_codes(session, secret, account, now)


def renew_codes(session: Session, secret: bytes, account: Account, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones count no more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    made = codes.recovery_set()
    for code in made:
        hashed = keyed(secret, f"recovery {account.id}", codes.recovery_form(code))
        session.add(RecoveryCode(account_id=account.id, code_hash=hashed, created_at=now))
    session.flush()
    return made


def take_code(session: Session, secret: bytes, account: Account, code: str, now: datetime) -> str:
    """Use up a code of the app or a recovery code: "totp", "recovery", or "" when it does not count (any more)."""
    typed = codes.recovery_form(code)
    if typed:
        return "recovery" if _take_recovery(session, secret, account, typed, now) else ""
    if account.totp_secret is None:
        return ""
    step = codes.matching_step(str(vault.unseal(secret, account.totp_secret, _where(account))["totp"]), code, now)
    if step is None:
        return ""
    unused = (Account.id == account.id, or_(Account.totp_step.is_(None), Account.totp_step < step))
    taken = session.execute(update(Account).where(*unused).values(totp_step=step).returning(Account.id)).first()
    return "totp" if taken is not None else ""


def codes_left(session: Session, account: Account) -> int:
    """Recovery codes that count still."""
    mine = (RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*mine)) or 0


def rehash(session: Session, account_id: int, old: str, new: str) -> None:
    """Renew a password's hash that was made with older parameters; one that was changed meanwhile stays."""
    mine = (Account.id == account_id, Account.password_hash == old)
    session.execute(update(Account).where(*mine).values(password_hash=new))


def add_passkey(session: Session, account: Account, made: Made, name: str, now: datetime) -> Passkey | None:
    """Keep a passkey; None when it is somebody's already."""
    row = Passkey(account_id=account.id, credential_id=made.credential_id, public_key=made.public_key, sign_count=made.sign_count, name=name)
    row.created_at = now
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def passkey(session: Session, credential_id: bytes) -> tuple[Passkey, Account] | None:
    """A passkey with its account."""
    query = select(Passkey, Account).join(Account, Account.id == Passkey.account_id).where(Passkey.credential_id == credential_id)
    row = session.execute(query).first()
    return (row[0], row[1]) if row is not None else None


def passkeys_of(session: Session, account_id: int) -> list[Passkey]:
    """The oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)))


def used_passkey(session: Session, row: Passkey, count: int, now: datetime) -> bool:
    """Write down what a passkey told; False if somebody wrote the same count or a higher one meanwhile."""
    mine = [Passkey.id == row.id]
    if count:
        mine.append(Passkey.sign_count < count)
    return session.execute(update(Passkey).where(*mine).values(sign_count=count, used_at=now).returning(Passkey.id)).first() is not None


def remove_passkey(session: Session, account: Account, passkey_id: int) -> Passkey | None:
    """Take one away; None when it is not theirs. Raises `ValueError` when nothing would be left to sign in with."""
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    mine = passkeys_of(session, account.id)
    found = next((row for row in mine if row.id == passkey_id), None)
    if found is not None and len(mine) == 1 and account.password_hash is None:
        raise ValueError("the last way to sign in")
    if found is not None:
        session.delete(found)
        session.flush()
    return found


def forget_proofs(session: Session, account: Account) -> None:
    """Before somebody who lost everything chooses anew: what they had may be in other hands."""
    session.execute(delete(Passkey).where(Passkey.account_id == account.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    account.password_hash = account.totp_secret = account.totp_step = None


def is_last_owner(session: Session, account: Account) -> bool:
    """Whether nobody could do everything any more without this account. Owners are locked, so that two cannot go at once."""
    owners = select(Account.id).where(Account.role == Role.OWNER, Account.disabled_at.is_(None)).with_for_update()
    return list(session.scalars(owners)) == [account.id]


def spend(session: Session, challenge: bytes, now: datetime) -> bool:
    """Whether that challenge is answered for the first time."""
    row = SpentChallenge(challenge_hash=hashlib.sha256(challenge).hexdigest(), expires_at=now + timedelta(seconds=LIFE))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def purge(session: Session, now: datetime) -> None:
    """Forget what nobody needs any more: old sessions, links, counts and challenges."""
    quiet = {"synchronize_session": False}
    old = or_(SignedIn.ended_at < now - KEPT, SignedIn.ends_at < now - KEPT)
    session.execute(delete(SignedIn).where(old).execution_options(**quiet))
    session.execute(delete(Invitation).where(Invitation.expires_at < now - KEPT).execution_options(**quiet))
    session.execute(delete(SignInCount).where(SignInCount.began_at < now - timedelta(days=1)).execution_options(**quiet))
    session.execute(delete(SpentChallenge).where(SpentChallenge.expires_at < now - timedelta(days=1)).execution_options(**quiet))


def _take_recovery(session: Session, secret: bytes, account: Account, typed: str, now: datetime) -> bool:
    hashed = keyed(secret, f"recovery {account.id}", typed)
    mine = (RecoveryCode.account_id == account.id, RecoveryCode.code_hash == hashed, RecoveryCode.used_at.is_(None))
    return session.execute(update(RecoveryCode).where(*mine).values(used_at=now).returning(RecoveryCode.id)).first() is not None


def _where(account: Account) -> str:
    return f"account/{account.id}/totp_secret"
