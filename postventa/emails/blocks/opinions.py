"""Stars to give, public places to tell it, and what the merchant hears of an unhappy customer.

The public links stand there for everybody alike, whatever the rating: asking only happy customers is what Google and the EU's rules
on fake reviews forbid.
"""

from __future__ import annotations

import re

from postventa.emails.blocks.items import full_name, picture, variant
from postventa.emails.blocks.links import ghosts, mail_link
from postventa.emails.clean import isolated, lines, mail_address, web_url
from postventa.emails.data import RatingView, ReviewItem
from postventa.emails.layout import markup
from postventa.emails.view import Piece, View, shown, together
from postventa.events import LineSnapshot

PLACES = {"google_maps": "Google Maps", "google": "Google", "trustpilot": "Trustpilot", "facebook": "Facebook", "tripadvisor": "Tripadvisor"}


def stars(view: View, _: str) -> Piece:
    """Five links per item, readable without pictures or colours."""
    rated = together(_item(view, item) for item in view.mail.reviews)
    if not rated:
        return Piece()
    scale = view.word("scale")
    return together([rated, Piece(view.html("note", words=scale), scale)])


def _item(view: View, item: ReviewItem) -> Piece:
    links = [(number, url) for number, link in enumerate(item.links, 1) if (url := web_url(link))]
    if not links:
        return Piece()
    names = {number: view.word("stars", number=number) for number, _ in links}
    html = view.kit.make(
        "rate",
        item=_title(view, item.line),
        stars="".join(view.html("star", href=url, name=names[n], number=str(n)) for n, url in links),
    )
    return Piece(html, "\n".join([full_name(item.line), *(f"{names[n]}{view.colon} {url}" for n, url in links)]))


def _title(view: View, line: LineSnapshot) -> str:
    details, image = variant(line), web_url(line.image_url)
    return view.kit.make(
        "rated",
        picture=picture(view.kit, image) if image else "",
        title=markup(shown(line.title)),
        details=view.html("detail", words=details) if details else "",
    )


def review_links(view: View, _: str) -> Piece:
    """The shop's public pages."""
    links = [(_place(name), url) for name, link in view.mail.review_links.items() if (url := web_url(link))]
    intro = view.word("public_review")
    return together([Piece(view.html("text", words=intro), intro), ghosts(view, links)], "\n") if links else Piece()


def _place(name: str) -> str:
    """`google_maps` as people call it; other names as the merchant wrote them."""
    if name in PLACES:
        return PLACES[name]
    return shown(name.replace("_", " ").title() if re.fullmatch(r"[a-z_]+", name) else name, 40)


def rating(view: View, _: str) -> Piece:
    """For the merchant: how many stars, for what, in which words, and where to answer."""
    data = view.mail.rating
    if data is None:
        return Piece()
    score = view.word("stars", number=data.stars)
    signs = "★" * data.stars + "☆" * (5 - data.stars)
    title, item = view.word("order", number=shown(view.mail.order.number, 40)), full_name(data.line)
    inside = view.html("panel_title", words=title) + view.html("fact", name=item, value=f"{signs} {score}", size="16px")
    texts = [title, f"{item}{view.colon} {signs} {score}"]
    address = _address(data)
    if address:
        inside += view.kit.make("fact", name=markup(view.word("customer")), value=mail_link(address), size="16px")
        texts.append(f"{view.word('customer')}{view.colon} {address}")
    words = isolated(lines(data.text, 3000))
    if words:
        inside += view.html("detail", words=view.word("their_words")) + view.html("quote", words=words)
        texts.append(f"{view.word('their_words')}{view.colon}\n{words}")
    else:
        inside += view.html("panel_item", words=view.word("no_words"))
        texts.append(view.word("no_words"))
    return Piece(view.kit.make("panel", inside=inside), "\n".join(texts))


def _address(data: RatingView) -> str:
    """The customer's address, if it is one: a broken one must not keep the alert back."""
    try:
        return mail_address(data.customer_email, "customer's address")
    except ValueError:
        return ""
