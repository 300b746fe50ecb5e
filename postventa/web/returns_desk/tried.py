"""What rules would say of an order of the shop, before they are in force. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.locale import formats
from postventa.models import Order
from postventa.returns import material
from postventa.returns.policy import Asked, LineDecision, Policy, Why
from postventa.returns.policy.store import InForce
from postventa.returns.quote import reckon
from postventa.returns.reasons import CODES
from postventa.returns.rules import returnable
from postventa.returns.wish import Wish, WishLine
from postventa.shops import ConnectedShop
from postventa.web.orders import forms
from postventa.web.returns_desk import words
from postventa.web.staff.page import language, t

OF_COURSE = ("first", "nobody")
"""Reasons that say no more than who decided."""


@dataclass(frozen=True)
class Line:
    """What would become of a line: the verdict, until when, what else, who says so, and why, unless that is a matter of course."""

    title: str
    verdict: str
    last_day: str
    facts: tuple[tuple[str, str, str, str], ...]
    asked: tuple[tuple[str, str], ...]
    """What the rules ask about the product, and what the shop said, if it did."""


@dataclass(frozen=True)
class Trial:
    """`order`: its number, empty if there is none such; `amount`: what everything that may go back would come to."""

    asked: str
    order: str = ""
    amount: str = ""
    lines: tuple[Line, ...] = ()


def of_form(session: Session, shop: ConnectedShop, policy: Policy, version: int | None) -> Trial | None:
    """By the form's order and reason; None: none was named."""
    asked = forms.line("order", 100).removeprefix("#")
    if not asked:
        return None
    numbers = (asked, f"#{asked}")
    order = session.scalars(select(Order).where(Order.shop_id == shop.id, Order.number.in_(numbers)).order_by(Order.id.desc())).first()
    order = order or session.scalars(select(Order).where(Order.shop_id == shop.id, Order.ref == asked)).first()
    return _tried(session, shop, order, InForce(policy, version, "stored"), asked) if order is not None else Trial(asked)


def _tried(session: Session, shop: ConnectedShop, order: Order, rules: InForce, asked: str) -> Trial:
    reason = request.form.get("reason", "")
    known = material.load(session, order)
    left = returnable(known.lines, [material.pairs(case.accepted) or material.pairs(case.lines) for case in known.live])
    wish = Wish(tuple(WishLine(one.ref, one.left, reason if reason in CODES else "") for one in left if one.left))
    answer = reckon(rules, shop, known, wish, now())
    titles = {line.ref: line.title for line in known.lines}
    lines = tuple(_line(titles[one.ref], one) for one in answer.decision.lines)
    return Trial(asked, order.number or order.ref, formats.money(answer.sums.refund, order.currency, language()), lines)


def _line(title: str, one: LineDecision) -> Line:
    facts = tuple((t(words.ACTIONS.get(why.action, why.action)), words.value(why.value), words.by(why.by), _because(why)) for why in one.why)
    last_day = formats.date_of(one.last_day, language()) if one.last_day is not None else ""
    asked = tuple((t(words.CONDITIONS[thing.condition]), _known(thing)) for thing in one.asked)
    return Line(title, t(words.VERDICTS[one.verdict]), last_day, facts, asked)


def _known(thing: Asked) -> str:
    if thing.words is None:
        return t("la tienda aún no lo ha dicho: las reglas que dependen de esto no se aplican")
    return ", ".join(thing.words) or t("nada")


def _because(why: Why) -> str:
    if why.code in OF_COURSE:
        return ""
    day = why.facts.get("day")
    said = replace(why, facts={**why.facts, "day": formats.date_of(date.fromisoformat(day), language())}) if day else why
    return said.sentence(language())
