"""The built-in viewer of the mails that the `mailbox` transport keeps: for development and the demonstration, from this machine only."""

from __future__ import annotations

import ipaddress
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from babel.dates import format_datetime
from flask import Blueprint, Response, abort, current_app, render_template, request

from connectors.mail.mailbox import list_mails, read_mail

blueprint = Blueprint("mailbox", __name__, url_prefix="/mailbox", template_folder="templates", static_folder="static")
SHOWN = 500
FRAME = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; sandbox allow-popups allow-popups-to-escape-sandbox"
PAGE = "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"


@blueprint.before_request
def only_here() -> None:
    """Customers' mails are nobody's business outside of this machine, nor of those who come through a proxy on it."""
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        local = False
    if not local or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        abort(403, "the mailbox opens on the machine that the service runs on only")


@blueprint.after_request
def protect(response: Response) -> Response:
    """Mails are shown in a frame that may run nothing."""
    response.headers.setdefault("Content-Security-Policy", PAGE)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store" if request.endpoint != "mailbox.static" else "max-age=3600"
    return response


@blueprint.get("/")
def index() -> str:
    """All mails, the newest first."""
    return render_template("mailbox/index.html", mails=list_mails(_folder(), SHOWN), shown=SHOWN, when=_when)


@blueprint.get("/<name>")
def show(name: str) -> str:
    """One mail: headers, the HTML in a frame at a phone's or a desktop's width, the text, and what is attached."""
    mail = _mail(name)
    headers = [(key, str(value)) for key, value in mail.items() if key.lower() not in ("content-type", "mime-version")]
    text = mail.get_body(("plain",))
    files = [part.get_filename() or "" for part in mail.iter_attachments()]
    return render_template(
        "mailbox/show.html", name=name, subject=str(mail["Subject"]), to=str(mail["To"]), sender=str(mail["From"]), headers=headers,
        text=text.get_content() if text is not None else "", files=files, narrow=request.args.get("width") == "phone",
    )  # fmt: skip


@blueprint.get("/<name>/html")
def html(name: str) -> Response:
    """The mail's HTML by itself."""
    body = _mail(name).get_body(("html",))
    if body is None:
        abort(404)
    return Response(body.get_content(), mimetype="text/html", headers={"Content-Security-Policy": FRAME})


@blueprint.get("/<name>/files/<int:number>")
def attachment(name: str, number: int) -> Response:
    """One attached file."""
    parts = list(_mail(name).iter_attachments())
    if number >= len(parts):
        abort(404)
    content = parts[number].get_payload(decode=True)
    return Response(content, mimetype=parts[number].get_content_type(), headers={"Content-Security-Policy": "default-src 'none'; sandbox"})


def _when(date: str) -> str:
    """A mail's `Date` for Spanish eyes; as it stands when it is none."""
    try:
        return format_datetime(parsedate_to_datetime(date), "EEE d MMM y, HH:mm", locale="es")
    except ValueError:
        return date


def _mail(name: str) -> EmailMessage:
    mail = read_mail(_folder(), name)
    if mail is None:
        abort(404)
    return mail


def _folder() -> Path:
    folder: Path = current_app.extensions["postventa"].settings.var / "mailbox"
    return folder
