"""What a return would be like: what may go back, what it costs, what comes of it, and why not. All sums are worked out here, by the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import Order
from postventa.returns import material
from postventa.returns.choices import LineChoice, choices, facts_of
from postventa.returns.fetching import offers
from postventa.returns.material import Material
from postventa.returns.money import ZERO, Sums, add_up, cent_of, percent_of, share
from postventa.returns.policy import Decision, Facts, Policy, Verdict, explain
from postventa.returns.policy.store import InForce, in_force
from postventa.returns.problems import Problem, about_choice, about_lines
from postventa.returns.rules import returnable
from postventa.returns.slots import Slot
from postventa.returns.wish import Method, RefundWhen, Resolution, Wish
from postventa.shops import ConnectedShop


@dataclass(frozen=True)
class Option:
    """What the same return comes to with another resolution."""

    resolution: Resolution
    sums: Sums


@dataclass(frozen=True)
class Quote:
    """The answer to a wish. Without `problems` it can be confirmed (`jobs.customer_return.open_case`), which works it out anew."""

    currency: str
    wish: Wish
    lines: tuple[LineChoice, ...]
    """All lines of the order, whatever was wished."""
    options: tuple[Option, ...]
    methods: tuple[Method, ...]
    """Empty for what is kept: nothing is sent."""
    slots: tuple[Slot, ...]
    """When it could be fetched, for whom that is a way."""
    sums: Sums
    decision: Decision
    verdict: Verdict
    photo: bool
    """At least one photo of some piece has to come with it; of which, the decision says line by line."""
    destination: dict[str, str]
    """The address where it goes; empty: the shop's return address."""
    refund_when: RefundWhen
    problems: tuple[Problem, ...]
    policy_version: int | None


def quote(session: Session, shop: ConnectedShop, order: Order, wish: Wish, *, at: datetime | None = None) -> Quote:
    """Reckon a wish by the rules that are in force. Changes nothing. A wish without lines shows what may be chosen."""
    return reckon(in_force(session, shop), shop, material.load(session, order), wish, at or now())


def reckon(
    rules: InForce, shop: ConnectedShop, known: Material, wish: Wish, at: datetime, *, today: datetime | None = None, held: Slot | None = None
) -> Quote:  # fmt: skip
    """The same with everything at hand. Pure. `at`: for which day the rules are asked; `today`: when somebody can come from, if that is another one;
    `held`: the appointment that there is, and that may be kept.
    """
    policy, zone = rules.policy, shop.settings.timezone
    stock = {one.ref: one for one in returnable(known.lines, [material.pairs(case.accepted) or material.pairs(case.lines) for case in known.live])}
    broken = tuple(about_lines(known.order, stock, wish))
    asked = wish if not broken else replace(wish, lines=())
    facts = facts_of(policy, known, asked, at, zone)
    decision = explain(policy, facts)
    slots = _slots(shop, known, today or at, held) if Method.PICKUP in decision.methods else ()
    offered = possible(shop, [method for method in decision.methods if method is not Method.PICKUP or slots])
    chosen = decision if wish.method or not offered else explain(policy, replace(facts, method=offered[0]))
    methods = () if wish.resolution == Resolution.KEEP_ITEM else offered
    sums = sums_of(policy, known, asked, chosen)
    problems = broken or tuple(about_choice(wish, chosen, methods, known.lines, policy.reasons, [slot.code for slot in slots]))
    return Quote(
        currency=known.order.currency,
        wish=wish,
        lines=tuple(choices(policy, known, stock, at, zone)),
        options=tuple(_options(policy, known, asked, facts, decision)),
        methods=methods,
        slots=slots if Method.PICKUP in methods else (),
        sums=sums,
        decision=chosen,
        verdict=_verdict(known, wish, chosen, problems),
        photo=chosen.photo,
        destination=policy.destinations[chosen.destination].model_dump() if chosen.destination else {},
        refund_when=chosen.refund_when,
        problems=problems,
        policy_version=rules.version,
    )


def _slots(shop: ConnectedShop, known: Material, at: datetime, held: Slot | None) -> tuple[Slot, ...]:
    found = offers(shop.settings, known.order, at)
    return found if held is None or held in found else (held, *found)


def possible(shop: ConnectedShop, methods: Sequence[Method]) -> tuple[Method, ...]:
    """Those that the shop's carrier can do: where it gives no codes a label is printed, if the rules know no other way."""
    left = tuple(method for method in methods if method is not Method.QR or shop.settings.gives_qr)
    return left or ((Method.PRINTED_LABEL,) if methods else ())


def _verdict(known: Material, wish: Wish, decision: Decision, problems: Sequence[Problem]) -> Verdict:
    """Whatever is unclear is a person's to decide: a repair, an exchange for nobody knows what, an order that was not sent yet."""
    if problems:
        return Verdict.REJECT
    unclear = wish.resolution == Resolution.REPAIR or (wish.resolution == Resolution.EXCHANGE and not wish.exchange) or not known.left_the_house
    return Verdict.ASK if decision.verdict is Verdict.APPROVE and unclear else decision.verdict


def sums_of(policy: Policy, known: Material, wish: Wish, decision: Decision) -> Sums:
    """What it comes to."""
    cent, rows = cent_of(known.order.currency), {line.ref: line for line in known.lines}
    goods = [share(rows[one.ref].total, rows[one.ref].quantity, known.taken(one.ref), one.quantity, cent) for one in wish.lines]
    by_line = {line.ref: line for line in decision.lines}
    if wish.resolution == Resolution.KEEP_ITEM:
        goods = [percent_of(part, by_line[one.ref].keep_percent, cent) for part, one in zip(goods, wish.lines, strict=True)]
        return add_up(goods, ZERO, ZERO, known.left, ZERO, cent)
    percents = (percent_of(part, by_line[one.ref].fee_percent, cent) for part, one in zip(goods, wish.lines, strict=True))
    fee = decision.fee_flat + sum(percents, ZERO)
    bonus = decision.bonus_percent if wish.resolution == Resolution.STORE_CREDIT else ZERO
    return add_up(goods, _shipping(policy, known, wish, decision), fee, known.left, bonus, cent)


def _shipping(policy: Policy, known: Material, wish: Wish, decision: Decision) -> Decimal:
    """The ordinary delivery goes back when the last of an order is withdrawn from (art. 107)."""
    wanted = {line.ref: line.quantity for line in wish.lines}
    rest = (line.quantity - sum(known.taken(line.ref)) - wanted.get(line.ref, 0) for line in known.lines if line.requires_shipping)
    stays = wish.resolution in (Resolution.EXCHANGE, Resolution.REPAIR)  # goods for goods: that is no withdrawal
    if stays or not decision.withdrawal or any(left > 0 for left in rest):
        return ZERO
    paid = known.order.shipping_total
    owed = paid if policy.standard_shipping is None else min(paid, policy.standard_shipping)
    return min(owed, known.shipping_left)


def _options(policy: Policy, known: Material, wish: Wish, facts: Facts, decision: Decision) -> Iterator[Option]:
    for resolution in decision.resolutions:
        other = replace(wish, resolution=resolution)
        yield Option(resolution, sums_of(policy, known, other, explain(policy, replace(facts, resolution=resolution))))
