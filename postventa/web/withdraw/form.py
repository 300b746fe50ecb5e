"""What the form's fields say, as a statement; and the other way round."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask import request

from postventa.web.withdraw.visit import Line, Visit
from postventa.withdrawal.statement import CONTRACT, EMAIL, ITEMS, NAME, Item, Statement, digest, problems, tidy

SOME = "some"
KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Filled:
    """The form as it was filled in. `wrong`: field -> the name of what is missing."""

    statement: Statement
    some: bool = False
    """Only some items, of those that are offered."""
    wrong: Mapping[str, str] = field(default_factory=dict)

    def chosen(self, ref: str) -> int:
        """How many of that line; 0: it is not chosen."""
        return next((item.quantity for item in self.statement.items if item.ref == ref), 0)


def offered(visit: Visit) -> Filled:
    """The form before anybody typed: with a mail's link, what its reader has to confirm only; with a page's, all but who she is; else the number."""
    order = visit.order
    name, email = (f"{order.first_name} {order.last_name}".strip(), order.email) if order is not None and visit.proven else ("", "")
    contract = order.number or order.ref if order is not None else named()
    return Filled(Statement(visit.shop.settings.name, name, contract, email, visit.language))


def named() -> str:
    """The order's number behind `?number=`: the shop's own pages link with it. It proves nothing, and is looked up nowhere."""
    return tidy(request.args.get("number", ""), CONTRACT)


def sent(visit: Visit) -> Filled:
    """The form as it came."""
    form = request.form
    some = form.get("scope") == SOME and len(visit.lines) > 0
    statement = Statement(
        shop=visit.shop.settings.name,
        name=tidy(form.get("name", ""), NAME),
        contract=tidy(form.get("contract", ""), CONTRACT),
        email=tidy(form.get("email", ""), EMAIL).replace(" ", ""),
        language=visit.language,
        items=tuple(_items(visit)) if some else (),
        what="" if visit.lines else tidy(form.get("what", ""), ITEMS, lines=True),
    )
    wrong = problems(statement)
    if some and not statement.items:
        wrong["items"] = "problem_items"
    if some and statement.items and _everything(visit, statement):
        statement, some = replace(statement, items=()), False
    return Filled(statement, some, wrong)


def new_key() -> str:
    """What makes two clicks on one button the same statement."""
    return secrets.token_hex(16)


def key() -> str:
    """The one that the page carried; a new one for a page that carries none."""
    told = request.form.get("key", "")
    return told if KEY.fullmatch(told) else new_key()


def sealed(visit: Visit, filled: Filled, form_key: str) -> str:
    """What the seal of the second page is about: what was shown is what is sent."""
    return f"{visit.name}:{form_key}:{digest(filled.statement.text() + repr(filled.statement.items))}"


def _items(visit: Visit) -> list[Item]:
    wanted = set(request.form.getlist("item"))
    return [Item(line.ref, line.name, _quantity(line)) for line in visit.lines if line.ref in wanted]


def _quantity(line: Line) -> int:
    told = request.form.get(f"quantity-{line.ref}", "")
    return min(max(int(told), 1), line.quantity) if told.isdecimal() and len(told) < 7 else line.quantity


def _everything(visit: Visit, statement: Statement) -> bool:
    return {item.ref: item.quantity for item in statement.items} == {line.ref: line.quantity for line in visit.lines}
