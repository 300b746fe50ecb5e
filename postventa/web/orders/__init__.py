"""Pages about orders, behind the accounts: find one, see all that happened to it, and put it right.

Nothing is done by the first click: a second page says what exactly will happen, and its form carries that, sealed (`sealed.py`), with its own key.
"""

from flask import Blueprint

from jobs import settle
from postventa.web.orders import coupon, effects, index, label, note, order, refund
from postventa.web.staff import guard

orders = Blueprint("orders", __name__, template_folder="templates")

orders.add_url_rule("/orders", "index", index.show, methods=["GET"])
orders.add_url_rule("/orders/<int:number>", "order", order.show, methods=["GET"])
orders.add_url_rule("/orders/<int:number>/labels/<int:label>", "label", label.show, methods=["GET"])
orders.add_url_rule("/orders/<int:number>/refund", "refund", refund.form, methods=["GET"])
orders.add_url_rule("/orders/<int:number>/refund", "reckon", refund.reckon, methods=["POST"])
orders.add_url_rule("/orders/<int:number>/refund/confirm", "do_refund", refund.confirm, methods=["POST"])
orders.add_url_rule("/orders/<int:number>/coupon", "coupon", coupon.form, methods=["GET"])
orders.add_url_rule("/orders/<int:number>/coupon", "propose", coupon.propose, methods=["POST"])
orders.add_url_rule("/orders/<int:number>/coupon/confirm", "do_coupon", coupon.confirm, methods=["POST"])
orders.add_url_rule("/orders/<int:number>/note", "note", note.propose, methods=["POST"])
orders.add_url_rule("/orders/<int:number>/note/confirm", "do_note", note.confirm, methods=["POST"])
for what in (settle.CANCEL, settle.RESEND, settle.DONE):
    address, named = f"/orders/<int:number>/effects/<int:effect>/{what}", {"what": what}
    orders.add_url_rule(address, "effect", effects.ask, methods=["GET"], defaults=named)
    orders.add_url_rule(address, "do_effect", effects.do, methods=["POST"], defaults=named)

guard.dress(orders)

__all__ = ["orders"]
