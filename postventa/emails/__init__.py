"""Mails: what they say and how they look. `compose` is the way in."""

from __future__ import annotations

from postventa.emails.data import MailData
from postventa.emails.message import Message, compose
from postventa.emails.render import Rendered, problems, render
from postventa.emails.sandbox import WordingError

__all__ = ["MailData", "Message", "Rendered", "WordingError", "compose", "problems", "render"]
