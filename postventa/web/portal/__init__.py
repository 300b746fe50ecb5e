"""What customers see: pages that open with a link from a mail, on a phone, with no script and no third party. No cookie, but for what somebody
proved on the way to personal data (`step_up.py`): half an hour, and nothing in it."""

from flask import Blueprint

from postventa.web.portal import assets, headers, hosts, label, look_up, mishaps, photo_links, review, step_up, step_up_page, track, unsubscribe

portal = Blueprint("portal", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/portal")

portal.add_url_rule("/review/<token>", "review", review.show, methods=["GET"])
portal.add_url_rule("/review/<token>", "send_review", review.send, methods=["POST"])
portal.add_url_rule("/unsubscribe/<token>", "unsubscribe", unsubscribe.show, methods=["GET"])
portal.add_url_rule("/unsubscribe/<token>", "do_unsubscribe", unsubscribe.decide, methods=["POST"])
portal.add_url_rule("/t/<token>", "track", track.show, methods=["GET"])
portal.add_url_rule("/track/<shop>", "look_up", look_up.show, methods=["GET"])
portal.add_url_rule("/track/<shop>", "ask_look_up", look_up.ask, methods=["POST"])
portal.add_url_rule("/code/<purpose>/<token>", "code", step_up_page.show, methods=["GET"])
portal.add_url_rule("/code/<purpose>/<token>", "send_code", step_up_page.act, methods=["POST"])
portal.add_url_rule("/photo/<name>.jpg", "photo", assets.photo, methods=["GET"])
portal.add_url_rule("/label/<token>.pdf", "label", label.show, methods=["GET"])
portal.add_url_rule("/brand/<colour>.css", "brand", assets.brand, methods=["GET"])

portal.add_app_template_global(photo_links.address, "photo_address")
portal.before_app_request(hosts.meet)
portal.after_request(headers.protect)
portal.after_app_request(step_up.write)
mishaps.register(portal)

__all__ = ["portal"]
