"""Head and foot of a mail: the shop's face above; who writes, why, and how to make it stop below."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape

from postventa.config import Brand
from postventa.emails.clean import mail_address, plain, web_url
from postventa.emails.layout import kit, markup
from postventa.emails.view import Piece, View, shown

MERCHANT = frozenset({"address_refused", "app_uninstalled", "keys_refused", "low_rating", "weak_secret", "webhooks_not_restored"})
"""Follow-ups that go to the shop's own people."""


def masthead(view: View) -> str:
    """The logo with the shop's name as its alternative, or the name in letters; in dark mode the dark logo, else a light plate under it."""
    shop, brand = view.mail.shop, view.mail.shop.brand
    name, logo, dark = shown(shop.name, 60), web_url(brand.logo_url), web_url(brand.logo_dark_url)
    if not logo:
        return view.html("wordmark", shop=name)
    if not dark:
        return _logo(view, logo, name, "plate", "")
    hidden = "display:none;mso-hide:all;"
    return _logo(view, logo, name, "light-only", "") + _logo(view, dark, name, "dark-only", hidden)


def _logo(view: View, source: str, name: str, kind: str, style: str) -> str:
    # In an attribute a name can have no tags: the isolating signs stay signs.
    return view.kit.make("logo", src=escape(source), shop=escape(name), style=style, **{"class": kind})


def foot(view: View) -> Piece:
    """Help, the reason for this mail, the sender's legal name and address, and the way out where one is due."""
    pieces = [piece for piece in _lines(view) if piece]
    html = "".join(view.kit.make("foot_line", words=piece.html) for piece in pieces)
    return Piece(html, "\n\n".join(piece.text for piece in pieces))


def _lines(view: View) -> Iterator[Piece]:
    mail = view.mail
    shop = shown(mail.shop.name, 60)
    facts = {"number": shown(mail.order.number, 30), "shop": shop}
    if mail.followup in MERCHANT:
        yield _said(view.word("why_merchant", **facts))
        return
    yield _said(view.word("help"))
    yield _contact(view.mail.shop.brand)
    yield _said(view.word("why_order" if mail.transactional else "why_customer", **facts))
    yield _said("\n".join(_sender(view, shop)))
    if mail.unsubscribe_url and not mail.transactional:
        why, out, url = view.word("unsubscribe_why"), view.word("unsubscribe"), web_url(mail.unsubscribe_url)
        yield Piece(f"{markup(why)} {view.html('foot_link', href=url, words=out)}", f"{why} {out}: {url}")


def _said(text: str) -> Piece:
    return Piece(markup(text), text)


def _sender(view: View, shop: str) -> list[str]:
    """The legal name and address; without them the shop's name and web site, so that the sender is never unnamed."""
    brand = view.mail.shop.brand
    name = shown(brand.legal_name, 120) or shop
    return [name, shown(brand.legal_address, 200)] if brand.legal_address.strip() else [name]


@lru_cache(maxsize=1024)
def _contact(brand: Brand) -> Piece:
    """The ways to the shop's people; the same in all of its mails."""
    links = [link for link in (_mail(brand.support_email), _phone(brand.support_phone), _site(brand.website)) if link]
    pieces = (kit(brand.colour).make("foot_link", href=markup(href), words=markup(words)) for href, words in links)
    return Piece("".join(pieces), " · ".join(words for _, words in links))


def _mail(address: str) -> tuple[str, str] | None:
    try:
        safe = mail_address(address.strip(), "shop's support address")
    except ValueError:
        return None
    return f"mailto:{safe}", safe


def _phone(number: str) -> tuple[str, str] | None:
    text = plain(number, 40)
    digits = "".join(sign for sign in text if sign.isdigit() or sign == "+")
    return (f"tel:{digits}", text) if digits else None


def _site(url: str) -> tuple[str, str] | None:
    """The web site, written without the scheme."""
    safe = web_url(url)
    return (safe, safe.partition("://")[2].rstrip("/")) if safe else None
