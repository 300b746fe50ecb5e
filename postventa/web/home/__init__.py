"""What stands at `/` for whoever opens the address by hand: that the service runs, and where its test mailbox is."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

blueprint = Blueprint("home", __name__, template_folder="templates")


@blueprint.get("/")
def index() -> str:
    """Says nothing about shops or customers: anybody may see it."""
    mailbox = current_app.extensions["postventa"].settings.mail.transport == "mailbox"
    return render_template("home/index.html", mailbox=mailbox)
