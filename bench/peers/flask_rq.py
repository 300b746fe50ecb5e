"""Flask and RQ as one would write them: a view that checks the signature and enqueues, a job for each order that sends one mail.

Web: gunicorn, two processes of eight threads. Workers: two `SimpleWorker` (`worker.py`), which do not fork for each job, with one kept SMTP
connection each. Nothing is stored but the job; what Redis has not written to disk is lost when the machine stops (`everysec`), or costs an fsync for
each command (`always`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import smtplib
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from flask import Flask, Response, request
from jinja2 import Template
from redis import Redis
from rq import Queue

SECRET, SMTP_PORT = os.environ.get("PEER_SECRET", "").encode(), int(os.environ.get("PEER_SMTP_PORT", "0"))
app = Flask(__name__)
connection = Redis.from_url(os.environ.get("PEER_REDIS", "redis://127.0.0.1:1/0"))
queue = Queue("mails", connection=connection)
HTML = Template(
    """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ order.name }}</title></head>
<body style="margin:0;background:#f4f4f4;font-family:Arial,sans-serif"><table width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table width="600" cellpadding="24" cellspacing="0" style="background:#fff"><tr><td>
<h1 style="font-size:22px">Thank you, {{ order.customer.first_name }}!</h1>
<p>We have your order <strong>{{ order.name }}</strong> and will write to you again when it is on its way.</p>
<table width="100%" cellpadding="6" cellspacing="0">{% for line in order.line_items %}
<tr><td style="border-bottom:1px solid #ddd">{{ line.quantity }} × {{ line.title }}<br><small>{{ line.variant_title }}</small></td>
<td align="right" style="border-bottom:1px solid #ddd">{{ line.price }} {{ order.currency }}</td></tr>{% endfor %}
<tr><td><strong>Total</strong></td><td align="right"><strong>{{ order.total_price }} {{ order.currency }}</strong></td></tr></table>
<p><a href="{{ order.order_status_url }}" style="background:#1f5f5b;color:#fff;padding:12px 20px;text-decoration:none">Your order</a></p>
<p style="color:#777;font-size:12px">You get this mail because you ordered at load-test.example.</p>
</td></tr></table></td></tr></table></body></html>""",
    autoescape=True,
)
TEXT = Template(
    "Thank you, {{ order.customer.first_name }}!\n\nWe have your order {{ order.name }}:\n"
    "{% for line in order.line_items %}{{ line.quantity }} x {{ line.title }}\n{% endfor %}\nTotal {{ order.total_price }} {{ order.currency }}\n"
)


@app.get("/ready")
def ready() -> Response:
    """It takes webhooks."""
    connection.ping()
    return Response(status=200)


@app.post("/hook")
def hook() -> Response:
    """Signature, job, answer."""
    body = request.get_data()
    signature = base64.b64encode(hmac.digest(SECRET, body, hashlib.sha256)).decode()
    if not hmac.compare_digest(signature, request.headers.get("X-Shopify-Hmac-Sha256", "")):
        return Response(status=401)
    queue.enqueue(send_mail, body)
    return Response(status=200)


def compose(order: dict[str, Any]) -> EmailMessage:
    """The mail for a new order."""
    message = EmailMessage()
    message["From"], message["To"] = "hello@load-test.example", order["email"]
    message["Subject"] = f"We have your order {order['name']}"
    message["Message-ID"] = make_msgid(domain="load-test.example")
    message.set_content(TEXT.render(order=order))
    message.add_alternative(HTML.render(order=order), subtype="html")
    return message


_kept: smtplib.SMTP | None = None


def send_mail(body: bytes) -> None:
    """The job."""
    global _kept
    message = compose(json.loads(body))
    if _kept is None:
        _kept = smtplib.SMTP("127.0.0.1", SMTP_PORT)
    try:
        _kept.send_message(message)
    except smtplib.SMTPServerDisconnected:
        _kept = smtplib.SMTP("127.0.0.1", SMTP_PORT)
        _kept.send_message(message)
