"""Did what had to happen really happen, exactly once? Held against the ledger, and against the mails and labels that really exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from postventa.demo import data
from postventa.demo.data import Delivery, Outcome
from postventa.demo.ledger import Entry, Known, Ledger
from postventa.demo.mailbox import Mail, Mailbox

INBOX = {"done": "read", "superseded": "read", "ignored": "ignored", "poison": "poison"}
"""State of the inbox -> what `data` calls it."""


def problems(ledger: Ledger, mailbox: Mailbox) -> list[str]:
    """Every difference between what is and what should be; empty: all is right."""
    entries, mails, labels = ledger.entries(), mailbox.mails(), ledger.labels()
    return [
        *_orders(set(data.stories()), ledger.orders()),
        *_effects(data.expected(), entries),
        *_inbox(data.deliveries(), ledger.inbox()),
        *_mails(entries, mails),
        *_languages(entries, mails),
        *_labels(entries, mails, labels),
    ]


def _orders(wanted: set[tuple[str, str]], orders: Iterable[Known]) -> Iterator[str]:
    found = {(order.shop, order.number) for order in orders}
    yield from (f"{shop} {number}: there is no such order" for shop, number in sorted(wanted - found))
    yield from (f"{shop} {number}: an order that should not be there" for shop, number in sorted(found - wanted))


def _effects(wanted: list[Outcome], entries: list[Entry]) -> Iterator[str]:
    expected = Counter(wanted)
    found = Counter(outcome(entry) for entry in entries)
    for lost in sorted((expected - found).elements()):
        yield f"missing: {_words(lost)}"
    for more in sorted((found - expected).elements()):
        yield f"not expected: {_words(more)}"


def outcome(entry: Entry) -> Outcome:
    """How an effect ended; day 0 when it has not."""
    day = data.day_of(entry.done_at) if entry.done_at else 0
    return Outcome(entry.shop, entry.number, entry.followup, entry.kind, entry.about, entry.state, day)


def _words(one: Outcome) -> str:
    about = f" about {one.about}" if one.about else ""
    return f"{one.shop} {one.order}: {one.followup} ({one.kind}){about} {one.state} on day {one.day}"


def _inbox(deliveries: list[Delivery], counts: dict[str, int]) -> Iterator[str]:
    found: Counter[str] = Counter()
    for state, number in counts.items():
        found[INBOX.get(state, state)] += number
    expected = Counter(delivery.ends for delivery in deliveries if delivery.kept)
    for word in sorted(expected.keys() | found.keys()):
        if expected[word] != found[word]:
            yield f"inbox: {found[word]} deliveries are {word}, not {expected[word]}"


def _mails(entries: list[Entry], mails: list[Mail]) -> Iterator[str]:
    """One file per mail that the ledger calls done, to the right address; no file without one."""
    sent = {entry.id: entry for entry in entries if entry.state == "done" and entry.kind in ("mail", "alert", "receipt")}
    files = Counter(mail.effect_id for mail in mails)
    for effect_id in sorted(sent.keys() - files.keys()):
        yield f"effect {effect_id} ({sent[effect_id].followup}) is done, but its mail lies in no mailbox"
    for mail in mails:
        entry = sent.get(mail.effect_id)
        if entry is None:
            yield f"{mail.file.name}: a mail that the ledger does not know as sent"
        elif mail.recipients != [entry.recipient] or mail.followup != entry.followup or mail.message_id != entry.message_id:
            yield f"{mail.file.name}: address, kind or Message-ID is not that of effect {entry.id}"
    for effect_id in sorted(effect_id for effect_id, times in files.items() if times > 1):
        yield f"effect {effect_id}: {files[effect_id]} mails instead of one"
    doubles = [message_id for message_id, times in Counter(mail.message_id for mail in mails).items() if times > 1]
    yield from (f"{message_id}: this Message-ID was used twice" for message_id in doubles)


def _languages(entries: list[Entry], mails: list[Mail]) -> Iterator[str]:
    stories = data.stories()
    of_effect = {entry.id: stories.get((entry.shop, entry.number)) for entry in entries if entry.kind == "mail"}
    for mail in mails:
        story = of_effect.get(mail.effect_id)
        if story is not None and mail.language != story.language:
            yield f"{mail.file.name} ({story.order}) is in «{mail.language}», not in «{story.language}»"


def _labels(entries: list[Entry], mails: list[Mail], labels: list[tuple[str, bytes]]) -> Iterator[str]:
    """One PDF per label that the ledger calls done, the very one that was mailed."""
    made = sum(1 for entry in entries if entry.kind == "label" and entry.state == "done")
    if made != len(labels) or len({number for number, _ in labels}) != len(labels):
        yield f"{len(labels)} labels instead of {made}"
    attached = [pdf for mail in mails for pdf in mail.pdfs]
    for number, pdf in labels:
        if not opens(pdf):
            yield f"label {number} is no PDF that opens"
        if attached.count(pdf) != 1:
            yield f"label {number} was mailed {attached.count(pdf)} times instead of once"


def opens(pdf: bytes) -> bool:
    """Whether a reader finds its way: header, end mark, and a cross-reference table where the file says it is."""
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", pdf)
    if not pdf.startswith(b"%PDF-1.") or found is None:
        return False
    at = int(found[1])
    return pdf[at : at + 4] == b"xref" and b"/Type /Page" in pdf
