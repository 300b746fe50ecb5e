"""One mail under way: its data with the reader's language, formats and layout at hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Day  # noqa: N812  (`date` is what the view makes of one)
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from postventa.emails.clean import LONGEST, isolated, plain, web_url
from postventa.emails.data import MailData
from postventa.emails.layout import Kit, markup
from postventa.emails.words import count_word, word
from postventa.locale import formats
from postventa.value import value


class Piece(NamedTuple):
    """The same facts twice: HTML (table rows of the card) and plain text. Both empty: nothing to show."""

    html: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


def together(pieces: Iterable[Piece], between: str = "\n\n") -> Piece:
    """Pieces one below the other."""
    there = [piece for piece in pieces if piece.text]
    return Piece("".join([piece.html for piece in there]), between.join([piece.text for piece in there]))


@lru_cache(maxsize=4096)
def shown(text: str, longest: int = LONGEST) -> str:
    """Somebody's words on one line, harmless and of bounded length."""
    return isolated(plain(text, longest))


@value
class View:
    mail: MailData
    kit: Kit

    @cached_property
    def country(self) -> str:
        """Whose habits figures follow: where the parcel goes, else where the shop is."""
        return self.mail.order.shipping_address.country or self.mail.shop.country

    @cached_property
    def page_url(self) -> str:
        """Where the mail's own button leads; empty when there is no such page."""
        return web_url(self.mail.page_url) or web_url(self.mail.order.status_url)

    @cached_property
    def colon(self) -> str:
        """What follows a name in the plain text: French sets it apart, by a space that does not break."""
        return "\u00a0:" if self.mail.language == "fr" else ":"

    def word(self, name: str, /, **facts: object) -> str:
        """A fixed word (`words.WORDS`) in the reader's language."""
        return word(name, self.mail.language, **facts)

    def count(self, one: str, many: str, count: int) -> str:
        return count_word(one, many, count, self.mail.language)

    def money(self, amount: Decimal, currency: str = "") -> str:
        return formats.money(amount, currency or self.mail.order.currency, self.mail.language, self.country)

    def date(self, moment: datetime) -> str:
        return formats.date(moment, self.mail.timezone, self.mail.language, self.country)

    def weekday(self, moment: datetime) -> str:
        return formats.weekday(moment, self.mail.timezone, self.mail.language, self.country)

    def day(self, day: Day) -> str:
        """With its weekday: a day without a time is the same in all zones."""
        return formats.weekday_of(day, self.mail.language, self.country)

    def clock(self, moment: datetime) -> str:
        return formats.clock(moment, self.mail.timezone, self.mail.language, self.country)

    def html(self, piece: str, /, **texts: str) -> str:
        """A fragment filled with plain texts, escaped here."""
        for name, text in texts.items():
            texts[name] = markup(text)
        return self.kit.pieces[piece] % texts

    def heading(self, words: str) -> Piece:
        """A title inside the mail (below the one `h1`)."""
        return Piece(self.html("subheading", words=words), words)
