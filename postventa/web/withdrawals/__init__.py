"""Pages on which staff see who has withdrawn, find the orders that nobody could, and end what has to be ended in time."""

from flask import Blueprint

from postventa.web.staff import guard
from postventa.web.withdrawals import deeds, views

withdrawals = Blueprint("withdrawals", __name__, template_folder="templates")

withdrawals.add_url_rule("/withdrawals", "index", views.index, methods=["GET"])
withdrawals.add_url_rule("/withdrawals", "add", deeds.add, methods=["POST"])
withdrawals.add_url_rule("/withdrawals/new", "new", views.new, methods=["GET"])
withdrawals.add_url_rule("/withdrawals/<ref>", "one", views.one, methods=["GET"])
withdrawals.add_url_rule("/withdrawals/<ref>", "do", deeds.do, methods=["POST"])

guard.dress(withdrawals)

__all__ = ["withdrawals"]
