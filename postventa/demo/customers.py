"""What customers do with their mails: open the link, rate, unsubscribe. All they know is what stands in the mail and on the page."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

from postventa.demo.data import Visit
from postventa.demo.door import Answer, knock
from postventa.demo.mailbox import Mail, Mailbox

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Stranded(Exception):
    """The customer could not do what she wanted."""


def visit(mailbox: Mailbox, wish: Visit) -> None:
    """Do it, over HTTP. Raises `Stranded`."""
    try:
        mail = mailbox.latest(wish.address, wish.followup, first=wish.does == "look")
    except LookupError as error:
        raise Stranded(str(error)) from None
    {"review": _review, "review_all": _review, "unsubscribe": _unsubscribe, "look": _look_too_late}[wish.does](mail, wish)


def _review(mail: Mail, wish: Visit) -> None:
    """Click on the stars in the mail, then send the form that the page shows."""
    link = _star(mail, wish)
    page = _see(knock("GET", link), link)
    form = Form(page.text)
    asked = (parse_qs(urlsplit(link).query).get("item") or [""])[0]
    rated = [name for name in form.names if name.startswith("stars-") and (wish.does == "review_all" or name == f"stars-{asked}")]
    chosen = dict.fromkeys(rated, str(wish.stars))
    words = {name: "" for name in form.names if name.startswith("text-")} | {f"text-{asked}": wish.words}
    sent = knock("POST", link.partition("?")[0], urlencode({**form.hidden, **chosen, **words}).encode(), FORM)
    if not chosen or sent.status != 303:
        raise Stranded(f"the review of {wish.order} was answered with {sent.status}")
    _see(knock("GET", _absolute(link, sent.headers["location"])), link)


def _star(mail: Mail, wish: Visit) -> str:
    link = next((one for one in mail.star_links if f"stars={wish.stars}" in one), "")
    if not link:
        raise Stranded(f"{mail.file.name} has no link for {wish.stars} stars")
    return link


def _unsubscribe(mail: Mail, wish: Visit) -> None:
    """One click in the mail programme (RFC 8058)."""
    if mail.message["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click":
        raise Stranded(f"{mail.file.name} offers no one-click unsubscribe")
    _see(knock("POST", mail.unsubscribe_url, b"List-Unsubscribe=One-Click", FORM), mail.unsubscribe_url)


def _look_too_late(mail: Mail, wish: Visit) -> None:
    """A link that has died says so: 410."""
    answer = knock("GET", (mail.star_links or [""])[0])
    if answer.status != 410:
        raise Stranded(f"the old review link of {wish.order} was answered with {answer.status} instead of 410")


def _see(answer: Answer, address: str) -> Answer:
    if answer.status != 200:
        raise Stranded(f"{urlsplit(address).path.split('/')[1]} page: {answer.status}")
    return answer


def _absolute(link: str, location: str) -> str:
    parts = urlsplit(link)
    return location if location.startswith("http") else f"{parts.scheme}://{parts.netloc}{location}"


class Form(HTMLParser):
    """The fields of a page's form: hidden ones with their values, and the names of all."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.names: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name"), found.get("value")
        if tag not in ("input", "textarea") or not name:
            return
        if name not in self.names:
            self.names.append(name)
        if found.get("type") in ("hidden", "text"):
            self.hidden[name] = value or ""
