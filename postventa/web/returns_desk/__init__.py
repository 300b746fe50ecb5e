"""The staff's returns, behind the accounts: decided by who writes to customers, received and looked at by the warehouse, ruled by managers.

Nothing that cannot be taken back is done by the first click: a second page says what exactly will happen, and its form carries that, sealed.
"""

from flask import Blueprint

from postventa.web.returns_desk import deeds, deliveries, fetching, figures, goods, index, one, photos, proofs, rules, scan
from postventa.web.staff import guard

returns_desk = Blueprint("returns_desk", __name__, template_folder="templates")
HERE = "/returns-desk"

returns_desk.add_url_rule(HERE, "index", index.show, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/scan", "scan", scan.show, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/pickups", "pickups", fetching.show, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/figures", "figures", figures.show, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/deliveries", "deliveries", deliveries.show, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/rules", "rules", rules.choose, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/rules/<int:number>", "rules_of", rules.show, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/rules/<int:number>", "write_rules", rules.write, methods=["POST"])
returns_desk.add_url_rule(f"{HERE}/rules/<int:number>/back", "old_rules", rules.back, methods=["POST"])
returns_desk.add_url_rule(f"{HERE}/<int:number>", "one", one.show, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/<int:number>/goods", "goods", goods.form, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/<int:number>/goods", "look", goods.look, methods=["POST"])
returns_desk.add_url_rule(f"{HERE}/<int:number>/goods/confirm", "take", goods.take, methods=["POST"])
returns_desk.add_url_rule(f"{HERE}/<int:number>/goods/again", "again", goods.again, methods=["POST"])
returns_desk.add_url_rule(f"{HERE}/<int:number>/photos", "add_photo", photos.add, methods=["POST"])
returns_desk.add_url_rule(f"{HERE}/<int:number>/photos/<name>.jpg", "photo", photos.show, methods=["GET"])
returns_desk.add_url_rule(f"{HERE}/<int:number>/proofs/<int:proof>", "proof", proofs.file, methods=["GET"])
deeds.add_to(returns_desk, f"{HERE}/<int:number>")

guard.dress(returns_desk)

__all__ = ["returns_desk"]
