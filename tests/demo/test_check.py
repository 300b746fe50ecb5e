"""The demonstration's judge finds every kind of difference."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from postventa.demo import check, data
from postventa.demo.ledger import Entry, Known
from postventa.demo.mailbox import Mail

NOON = datetime(2026, 10, 7, 10, 0, tzinfo=UTC)
ANAS = Entry(
    7, "alba", "2301", "2301", "shipped", "mail", "p1", "p1", "ana@correo.example", "done", "", NOON, NOON, NOON, "<a@alba.example>",
)  # fmt: skip
PDF = b"%PDF-1.4\n1 0 obj << /Type /Page >> endobj\nxref\n0 1\ntrailer << >>\nstartxref\n42\n%%EOF\n"


def mail(effect: int = 7, to: str = "ana@correo.example", message_id: str = "<a@alba.example>", language: str = "es", pdf: bytes = b"") -> Mail:
    message = EmailMessage()
    message["To"], message["Message-ID"], message["X-Postventa-Effect"] = to, message_id, str(effect)
    message["X-Postventa-Followup"] = "shipped"
    message.set_content("Va de camino")
    message.add_alternative(f'<html lang="{language}"><p>Va de camino</p></html>', subtype="html")
    if pdf:
        message.add_attachment(pdf, "application", "pdf", filename="R-1.pdf")
    return Mail(Path("1.eml"), message)


def test_what_is_expected_and_happened_is_no_problem() -> None:
    wanted = check.outcome(ANAS)
    assert (wanted.day, wanted.state, wanted.about) == (3, "done", "p1")
    assert list(check._effects([wanted], [ANAS])) == []
    assert list(check._mails([ANAS], [mail()])) == []
    assert list(check._languages([ANAS], [mail()])) == []


def test_an_effect_that_is_missing_doubled_late_or_too_many_is_named() -> None:
    wanted = check.outcome(ANAS)
    assert list(check._effects([wanted], [])) == ["missing: alba 2301: shipped (mail) about p1 done on day 3"]
    assert list(check._effects([wanted], [ANAS, ANAS])) == ["not expected: alba 2301: shipped (mail) about p1 done on day 3"]
    late = replace(ANAS, done_at=NOON.replace(day=9))
    assert [line.split(":")[0] for line in check._effects([wanted], [late])] == ["missing", "not expected"]
    open_still = replace(ANAS, state="planned", done_at=None)
    assert [line.split(":")[0] for line in check._effects([wanted], [open_still])] == ["missing", "not expected"]


def test_a_mail_that_is_missing_doubled_unknown_or_wrongly_addressed_is_named() -> None:
    assert "lies in no mailbox" in next(check._mails([ANAS], []))
    assert any("2 mails instead of one" in line for line in check._mails([ANAS], [mail(), mail()]))
    assert any("was used twice" in line for line in check._mails([ANAS], [mail(), mail()]))
    assert any("does not know as sent" in line for line in check._mails([ANAS], [mail(), mail(effect=8, message_id="<b@alba.example>")]))
    assert any("does not know as sent" in line for line in check._mails([replace(ANAS, state="cancelled")], [mail()]))
    for wrong in (mail(to="otto@correo.example"), mail(message_id="<b@alba.example>")):
        assert any("is not that of effect 7" in line for line in check._mails([ANAS], [wrong]))


def test_a_mail_in_another_language_than_the_orders_is_named() -> None:
    assert list(check._languages([ANAS], [mail(language="en")])) == ["1.eml (2301) is in «en», not in «es»"]


def test_a_label_that_does_not_open_or_was_not_mailed_once_is_named() -> None:
    made = replace(ANAS, kind="label", followup="return_label")
    assert list(check._labels([made], [mail(pdf=PDF)], [("R-1", PDF)])) == []
    assert list(check._labels([made], [mail(pdf=PDF)], [])) == ["0 labels instead of 1"]
    assert list(check._labels([made], [mail()], [("R-1", PDF)])) == ["label R-1 was mailed 0 times instead of once"]
    assert "label R-1 is no PDF that opens" in list(check._labels([made], [mail(pdf=PDF[:-20])], [("R-1", PDF[:-20])]))


def test_an_order_too_many_or_too_few_is_named() -> None:
    known = Known("alba", "2301", "2301", "Ana", "ana@correo.example")
    assert list(check._orders({("alba", "2301")}, [known])) == []
    assert len(list(check._orders({("alba", "2302")}, [known]))) == 2


def test_a_delivery_that_ended_otherwise_is_named() -> None:
    deliveries = data.deliveries()
    kept = Counter(d.ends for d in deliveries if d.kept)
    right = {"done": kept["read"] - 5, "superseded": 5, "ignored": kept["ignored"], "poison": kept["poison"]}
    assert list(check._inbox(deliveries, right)) == []
    assert list(check._inbox(deliveries, {**right, "done": right["done"] - 1, "dead": 1})) != []
    assert list(check._inbox(deliveries, {**right, "new": 1})) == ["inbox: 1 deliveries are new, not 0"]
