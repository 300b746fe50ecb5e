"""A customer sends something back: from the link of her mail to the money, with no login and no script.

Nothing is kept before she confirms: what she chose so far stands in the address of the page, so that the browser's own way back works, and is worked
out anew with every step. Only the forms that change something are sent by POST, sealed.
"""

from flask import Blueprint

from postventa.web.portal import headers, mishaps
from postventa.web.returns import case, choose, confirm, entry, others, papers, pickup, rework
from postventa.web.returns import sent as sent_

returns = Blueprint("returns", __name__, template_folder="templates")

returns.add_url_rule("/returns/<shop>", "entry", entry.ask, methods=["GET"])
returns.add_url_rule("/r/<token>", "home", entry.show, methods=["GET"])
returns.add_url_rule("/r/<token>/new", "choose", choose.show, methods=["GET"])
returns.add_url_rule("/r/<token>/new", "confirm", confirm.send, methods=["POST"])
returns.add_url_rule("/r/<token>/other", "other", others.show, methods=["GET"])
returns.add_url_rule("/r/<token>/<number>", "case", case.show, methods=["GET"])
returns.add_url_rule("/r/<token>/<number>", "change", case.change, methods=["POST"])
returns.add_url_rule("/r/<token>/<number>/pickup", "pickup", pickup.show, methods=["GET"])
returns.add_url_rule("/r/<token>/<number>/pickup", "move", pickup.move, methods=["POST"])
returns.add_url_rule("/r/<token>/<number>/change", "rechoose", rework.show, methods=["GET"])
returns.add_url_rule("/r/<token>/<number>/change", "reconfirm", rework.send, methods=["POST"])
returns.add_url_rule("/r/<token>/<number>/other", "reother", others.show, methods=["GET"])
returns.add_url_rule("/r/<token>/<number>/sent", "sent", sent_.show, methods=["GET"])
returns.add_url_rule("/r/<token>/<number>/sent", "hand_in", sent_.send, methods=["POST"])
returns.add_url_rule("/r/<token>/<number>/label.pdf", "label", papers.label, methods=["GET"])
returns.add_url_rule("/r/<token>/<number>/code.png", "code", papers.picture, methods=["GET"])

returns.after_request(headers.protect)
mishaps.register(returns)

__all__ = ["returns"]
