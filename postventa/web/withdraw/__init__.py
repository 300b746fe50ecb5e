"""The withdrawal function (Directive 2011/83/EU, art. 11a): two steps, no login, no script, no reason, and always open.

It says nothing of what is known of an order, but to whoever comes with the link of the order's own mail.
"""

from flask import Blueprint

from postventa.web.portal import headers, mishaps
from postventa.web.withdraw import views

withdraw = Blueprint("withdraw", __name__, template_folder="templates")

withdraw.add_url_rule("/withdraw/<shop>", "form", views.show, methods=["GET"])
withdraw.add_url_rule("/withdraw/<shop>", "send", views.send, methods=["POST"])
withdraw.add_url_rule("/withdraw/<shop>/model.pdf", "paper", views.paper, methods=["GET"])
withdraw.add_url_rule("/withdraw/<shop>/<ref>/<key>", "receipt", views.receipt, methods=["GET"])

withdraw.after_request(headers.protect)
mishaps.register(withdraw)

__all__ = ["withdraw"]
