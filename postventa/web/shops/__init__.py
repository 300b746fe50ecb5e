"""Pages on which merchants see their shops and connect new ones, behind the accounts of `postventa/web/staff`.

No page waits for a shop: it writes down what is wanted (`postventa/connecting/visits.py`), a job asks, and the page comes again by itself until the
answer is there, without a script. `callback.py` alone is for the shops themselves.
"""

from flask import Blueprint

from postventa.web.shops import approval, connect, customer_pages, delivery, index, leave, manage, plugin, shop, statuses
from postventa.web.staff import guard

shops = Blueprint("shops", __name__, template_folder="templates")

shops.add_url_rule("/shops", "index", index.show, methods=["GET"])
shops.add_url_rule("/shops/connect", "choose", connect.choose, methods=["GET"])
shops.add_url_rule("/shops/connect/woocommerce", "address", connect.address, methods=["GET"])
shops.add_url_rule("/shops/connect/woocommerce", "look_at", connect.look_at, methods=["POST"])
shops.add_url_rule("/shops/connect/back", "back", approval.back, methods=["GET"])
shops.add_url_rule("/shops/connect/<ref>", "visit", connect.visit, methods=["GET"])
shops.add_url_rule("/shops/connect/<ref>/again", "look_again", connect.look_again, methods=["POST"])
shops.add_url_rule("/shops/connect/<ref>/keys", "paste", connect.paste, methods=["POST"])
shops.add_url_rule("/shops/connect/<ref>/approve", "approve", approval.approve, methods=["POST"])
shops.add_url_rule("/shops/<int:number>", "shop", shop.show, methods=["GET"])
shops.add_url_rule("/shops/<int:number>/ready", "ready", shop.ready, methods=["GET"])
shops.add_url_rule("/shops/<int:number>/look", "look", manage.look, methods=["POST"])
shops.add_url_rule("/shops/<int:number>/keys", "new_keys", manage.new_keys, methods=["POST"])
shops.add_url_rule("/shops/<int:number>/hold", "hold", manage.hold, methods=["POST"])
shops.add_url_rule("/shops/<int:number>/release", "release", manage.release, methods=["POST"])
shops.add_url_rule("/shops/<int:number>/pages", "name_pages", customer_pages.keep, methods=["POST"])
shops.add_url_rule("/shops/<int:number>/plugin", "plugin", plugin.download, methods=["GET"])
shops.add_url_rule("/shops/<int:number>/statuses", "statuses", statuses.show, methods=["GET"])
shops.add_url_rule("/shops/<int:number>/statuses", "explain", statuses.explain, methods=["POST"])
shops.add_url_rule("/shops/<int:number>/delivery", "delivery", delivery.show, methods=["GET"])
shops.add_url_rule("/shops/<int:number>/delivery", "promise", delivery.keep, methods=["POST"])
shops.add_url_rule("/shops/<int:number>/leave", "leave", leave.ask_first, methods=["GET"])
shops.add_url_rule("/shops/<int:number>/leave", "do_leave", leave.leave, methods=["POST"])

guard.dress(shops)

__all__ = ["shops"]
