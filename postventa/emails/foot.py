"""Head and foot of a mail: the shop's face above; who writes, why, and how to make it stop below."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape

from postventa.config import Brand
from postventa.emails.clean import mail_address, plain, web_url
from postventa.emails.layout import Kit, in_ascii, kit, markup
from postventa.emails.view import Piece, View, shown, together
from postventa.emails.words import word

MERCHANT = frozenset({
    "address_refused", "app_uninstalled", "import_stuck", "keys_refused", "low_rating", "privacy_waiting", "weak_secret", "webhooks_not_restored",
    "webhooks_restored", "withdrawal_arrived", "withdrawal_waiting",
})  # fmt: skip
"""Follow-ups that go to the shop's own people."""
RECEIPTS = frozenset({"withdrawal_receipt"})
"""What the law owes to whoever wrote to the shop, whether we know their order or not."""
WITHOUT_LINKS = frozenset({"code"})
"""A mail with nothing to click: whoever imitates it has to ask for more than its readers know from us."""


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
    return view.kit.make("logo", src=in_ascii(escape(source)), shop=in_ascii(escape(name)), style=style, **{"class": kind})


def foot(view: View) -> Piece:
    """Help, the reason for this mail, the sender's legal name and address, and the way out where one is due."""
    return together(_lines(view))


def _lines(view: View) -> Iterator[Piece]:
    mail = view.mail
    shop = shown(mail.shop.name, 60)
    facts = {"number": shown(mail.order.number, 30), "shop": shop}
    if mail.followup in MERCHANT:
        yield _said(view.kit, view.word("why_merchant", **facts))
        return
    yield _help(mail.shop.brand, mail.language) if mail.followup not in WITHOUT_LINKS else Piece()
    why = "why_withdrawal" if mail.followup in RECEIPTS else "why_order" if mail.transactional else "why_customer"
    yield _said(view.kit, view.word(why, **facts))
    yield _sender(mail.shop.brand, shop)
    words, page, key = mail.withdraw_link
    before, after, text = _withdraw(mail.shop.brand.colour, words, page, view.colon)
    yield Piece(f"{before}{key}{after}", f"{text}{key}") if text else Piece()
    if mail.attachments and mail.attachments[0].shared:
        yield _said(view.kit, view.word("model_form"))
    if mail.unsubscribe_url and not mail.transactional:
        why, out, url = view.word("unsubscribe_why"), view.word("unsubscribe"), web_url(mail.unsubscribe_url)
        words = f"{markup(why)} {view.html('foot_link', href=url, words=out)}"
        yield Piece(view.kit.make("foot_line", words=words), f"{why} {out}{view.colon} {url}")


def _said(face: Kit, text: str) -> Piece:
    return Piece(face.make("foot_line", words=markup(text)), text)


@lru_cache(maxsize=1024)
def _withdraw(colour: str, words: str, page: str, colon: str) -> tuple[str, str, str]:
    """The way to the withdrawal function, in the law's words and nothing else: HTML before and after the order's key, and the text before it."""
    safe, face = web_url(page), kit(colour)
    if not words or not safe:
        return "", "", ""
    link = face.make("foot_link", href=markup(safe), words=markup(words))
    before, _, after = face.make("foot_line", words=link).partition(markup(safe))
    return f"{before}{markup(safe)}", after, f"{words}{colon} {safe}"


@lru_cache(maxsize=1024)
def _help(brand: Brand, language: str) -> Piece:
    """The ways to the shop's people; the same in all of its mails."""
    face = kit(brand.colour)
    links = [link for link in (_mail(brand.support_email), _phone(brand.support_phone), _site(brand.website)) if link]
    ways = "".join(face.make("foot_link", href=markup(href), words=markup(words)) for href, words in links)
    contact = Piece(face.make("foot_line", words=ways), " · ".join(words for _, words in links))
    return together([_said(face, word("help", language)), contact])


@lru_cache(maxsize=1024)
def _sender(brand: Brand, shop: str) -> Piece:
    """The legal name and address; without them the shop's name and web site, so that the sender is never unnamed."""
    name = shown(brand.legal_name, 120) or shop
    return _said(kit(brand.colour), f"{name}\n{shown(brand.legal_address, 200)}" if brand.legal_address.strip() else name)


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
