"""Getting past the page that asks for a code, as people do: its buttons, the mail, six digits."""

from __future__ import annotations

from email.message import EmailMessage

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postventa.returns.wish import Wish, WishLine
from postventa.step_up import Purpose
from postventa.web.portal import step_up
from tests.returns.scene import opened
from tests.web.forms import read
from tests.web.returns.counter import Counter


def label(counter: Counter) -> str:
    """A return whose label is made, opened in some other browser: the path of its PDF."""
    case = opened(counter.house, Wish((WishLine("1", 1, "unwanted"),), method="printed_label"))
    counter.work()
    return f"{counter.link()}/{case.number}/label.pdf"


def address(counter: Counter, purpose: Purpose = Purpose.DATA, back: str = "returns.home", link: str = "") -> str:
    """Where a page of that purpose would send somebody who has the order's link."""
    with counter.app.test_request_context():
        return step_up.address(purpose, (link or counter.link()).removeprefix("/r/"), back)


def send(browser: FlaskClient, page: str, network: str = "203.0.113.9") -> TestResponse:
    """Press the button that sends a code."""
    form = read(browser.get(page, follow_redirects=True))
    told = {"seal": form.fields["seal"]}
    return browser.post(form.action, data=told, environ_base={"REMOTE_ADDR": network}, follow_redirects=True)


def code(counter: Counter) -> str:
    """What the mail says that is on its way now."""
    counter.house.run()
    return next(str(sent["Subject"]) for sent in reversed(counter.house.postman.mails) if sent["X-Postventa-Followup"] == "code")[:6]


def mail(counter: Counter) -> EmailMessage:
    """The newest one."""
    return counter.house.postman.mails[-1]


def codes(counter: Counter) -> int:
    """How many were mailed."""
    counter.house.run()
    return sum(sent["X-Postventa-Followup"] == "code" for sent in counter.house.postman.mails)


def enter(browser: FlaskClient, page: TestResponse, typed: str, *, follow: bool = True) -> TestResponse:
    """Type it in."""
    form = read(page)
    return browser.post(form.action, data={**form.fields, "code": typed}, follow_redirects=follow)


def passed(counter: Counter, page: str) -> dict[str, str]:
    """The headers of a browser that typed the code in."""
    browser = counter.browser(cookies=True)
    answer = enter(browser, send(browser, page), code(counter), follow=False)
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}


def wrong(right: str) -> str:
    """Another code."""
    return f"{(int(right) + 1) % 10**6:06d}"
