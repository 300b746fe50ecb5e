"""Pages for Shopify: the app inside of a shop's admin, its installation from outside, and connecting a shop by hand.

Two blueprints. `shopify` is for whoever comes from Shopify and proves it by a signature or a session token: it knows no cookie but the one that an
installation carries, and its app page is the only one that may be framed or runs a foreign script. `shopify_connect` is for owners who signed in.
"""

from flask import Blueprint

from postventa.web.shopify import app, connect, headers, install, mishaps, session
from postventa.web.staff import guard

shopify = Blueprint("shopify", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/shopify")

shopify.add_url_rule("/shopify/app", "app", app.show, methods=["GET"])
shopify.add_url_rule("/shopify/app/again", "again", app.again, methods=["GET"])
shopify.add_url_rule("/shopify/app/session", "session", session.look, methods=["POST"])
shopify.add_url_rule("/shopify/install", "install", install.start, methods=["GET"])
shopify.add_url_rule("/shopify/installed", "installed", install.back, methods=["GET"])

shopify.after_request(headers.protect)
mishaps.register(shopify)

shopify_connect = Blueprint("shopify_connect", __name__, template_folder="templates")

shopify_connect.add_url_rule("/shopify/connect", "show", connect.show, methods=["GET"])
shopify_connect.add_url_rule("/shopify/connect/app", "through_app", connect.through_app, methods=["POST"])
shopify_connect.add_url_rule("/shopify/connect/own", "own", connect.own, methods=["POST"])
shopify_connect.add_url_rule("/shopify/connect/<token>", "candidate", connect.candidate, methods=["GET"])
shopify_connect.add_url_rule("/shopify/connect/<token>/again", "ask_again", connect.ask_again, methods=["POST"])
shopify_connect.add_url_rule("/shopify/connect/<token>/finish", "finish", connect.finish, methods=["POST"])

guard.dress(shopify_connect)

__all__ = ["shopify", "shopify_connect"]
