"""Each shop's rules for returns in versions: the only writer of `return_policy`.

A version is added and never changed; to go back is to add an older one again. What the configuration file says stands above them, as it can be
reviewed and put back there.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postventa import audit
from postventa.clock import now
from postventa.models import ReturnPolicy, Shop
from postventa.returns.policy.document import Policy
from postventa.returns.policy.read import BadPolicy, Checked, check, read
from postventa.returns.policy.said import Finding
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.returns")


@dataclass(frozen=True)
class InForce:
    """The rules that hold now. `version`: None for those of the file and the default; `source`: `file`, `stored` or `default`."""

    policy: Policy
    version: int | None
    source: str
    trouble: tuple[Finding, ...] = ()
    """What is wrong with rules that should hold and cannot be read; empty: nothing."""


class InFile(ValueError):
    """The configuration file has the rules, so they are changed there."""

    def __init__(self, shop: ConnectedShop) -> None:
        super().__init__(f"{shop.settings.name}: return_policy of the configuration file has the rules: change them there")


def in_force(session: Session, shop: ConnectedShop) -> InForce:
    """The file's, else the newest stored ones that can be read, else the default. Rules that cannot be read are passed over, and said so."""
    trouble: tuple[Finding, ...] = ()
    if shop.settings.return_policy:
        try:
            return InForce(read(shop.settings.return_policy, "return_policy").policy, None, "file")
        except BadPolicy as error:
            trouble = error.problems
    for row in session.scalars(select(ReturnPolicy).where(ReturnPolicy.shop_id == shop.id).order_by(ReturnPolicy.version.desc())):
        try:
            return InForce(check(row.document, f"v{row.version}").policy, row.version, "stored", trouble)
        except BadPolicy as error:
            trouble = trouble or error.problems
    if trouble:
        log.error("rules for returns cannot be read, so the default holds: %s", "; ".join(map(str, trouble)), extra={"shop": shop.id})
    return InForce(Policy(), None, "default", trouble)


def at_version(session: Session, shop: ConnectedShop, version: int | None) -> InForce:
    """The stored rules of then; those in force now where they were not stored, or cannot be read any more."""
    row = session.scalars(select(ReturnPolicy).where(ReturnPolicy.shop_id == shop.id, ReturnPolicy.version == version)).first()
    try:
        return InForce(check(row.document).policy, row.version, "stored") if row is not None else in_force(session, shop)
    except BadPolicy:
        return in_force(session, shop)


def put(session: Session, shop: ConnectedShop, checked: Checked, *, author: str, note: str = "") -> ReturnPolicy:
    """A new version, in force from now on; written into the audit log. Raises `InFile`."""
    if shop.settings.return_policy:
        raise InFile(shop)
    session.get_one(Shop, shop.id, with_for_update={"key_share": True})  # two people at once make two versions
    last = session.scalar(select(func.max(ReturnPolicy.version)).where(ReturnPolicy.shop_id == shop.id)) or 0
    row = ReturnPolicy(
        shop_id=shop.id, version=last + 1, document=checked.policy.document(), author=author, note=note.strip()[:500], created_at=now()
    )
    session.add(row)
    audit.record(
        session, author, "return_policy.set", shop_id=shop.id, subject=f"version {row.version}", reason=row.note,
        before={"version": last}, after={"version": row.version, "rules": len(checked.policy.rules)},
    )  # fmt: skip
    return row


def rollback(session: Session, shop: ConnectedShop, version: int, *, author: str) -> ReturnPolicy:
    """That version again, as a new one. Raises `LookupError` for one that is not there, `BadPolicy` if it cannot be read any more, `InFile`."""
    row = session.scalars(select(ReturnPolicy).where(ReturnPolicy.shop_id == shop.id, ReturnPolicy.version == version)).first()
    if row is None:
        raise LookupError(f"{shop.settings.name} has no version {version} of its rules for returns")
    return put(session, shop, check(row.document, f"version {version}"), author=author, note=f"version {version} again")


def versions(session: Session, shop: ConnectedShop) -> list[ReturnPolicy]:
    """All of them, the newest first."""
    return list(session.scalars(select(ReturnPolicy).where(ReturnPolicy.shop_id == shop.id).order_by(ReturnPolicy.version.desc())))
