"""Pages for the people who work with the service: getting in, how they sign in, and who else may.

Other pages for them dress their blueprint the same way: `guard.dress(blueprint)`, and `@require(Right...)` on each view.
"""

from flask import Blueprint

from postventa.web.staff import guard, people, security, sign_in, welcome
from postventa.web.staff.guard import require

staff = Blueprint("staff", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/staff")

staff.add_url_rule("/account/welcome/<token>", "welcome", welcome.show, methods=["GET"])
staff.add_url_rule("/account/welcome/<token>", "accept", welcome.accept, methods=["POST"])
staff.add_url_rule("/account/sign-in", "sign_in", sign_in.show, methods=["GET"])
staff.add_url_rule("/account/sign-in", "do_sign_in", sign_in.enter, methods=["POST"])
staff.add_url_rule("/account/sign-out", "sign_out", sign_in.leave, methods=["POST"])
staff.add_url_rule("/account/security", "security", security.show, methods=["GET"])
staff.add_url_rule("/account/security/passkeys", "add_passkey", security.add_passkey, methods=["POST"])
staff.add_url_rule("/account/security/passkeys/<int:number>/remove", "remove_passkey", security.remove_passkey, methods=["POST"])
staff.add_url_rule("/account/security/password", "set_password", security.set_password, methods=["POST"])
staff.add_url_rule("/account/security/codes", "renew_codes", security.renew_codes, methods=["POST"])
staff.add_url_rule("/account/security/sessions/<int:number>/end", "end_session", security.end_session, methods=["POST"])
staff.add_url_rule("/account/security/sessions/end", "end_others", security.end_others, methods=["POST"])
staff.add_url_rule("/account/people", "people", people.show, methods=["GET"])
staff.add_url_rule("/account/people", "invite", people.invite, methods=["POST"])
staff.add_url_rule("/account/people/<int:number>/role", "change_role", people.change_role, methods=["POST"])
staff.add_url_rule("/account/people/<int:number>/disable", "disable", people.disable, methods=["POST"])
staff.add_url_rule("/account/people/invitations/<int:number>/withdraw", "withdraw", people.withdraw, methods=["POST"])

guard.dress(staff)

__all__ = ["require", "staff"]
