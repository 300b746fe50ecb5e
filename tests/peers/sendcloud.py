"""Sendcloud as a scriptable peer, by its published specifications: returns, labels, tracking, pickups; it records what arrived and can misbehave."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.peers.carrier import paper
from tests.peers.shop import Call, Reply, ShopPeer

PUBLIC, SECRET = "publica-de-prueba", "secreta-de-prueba"
KEYS = {"public_key": PUBLIC, "secret_key": SECRET, "return_option": "correos:return/standard"}
QR_OPTION = "correos:return/labelless"
TRACKING, RETURNS, PARCELS, PICKUPS = "/v2/tracking/", "/v3/returns", "/v3/parcels/", "/v3/pickups"
LISTED = ("id", "time_slots", "country", "carrier_code", "status")
"""What a list of pickups says of each: neither its reference nor its address."""
NO_SUCH_KEY = "<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"


@dataclass
class SendcloudPeer(ShopPeer):
    """`lists_ids`: whether a list of returns names their numbers. `announced`: whether the carrier answers at once."""

    lists_ids: bool = True
    announced: bool = True
    gives_codes: bool = True
    """Whether a way without a label comes with a code."""
    keeps: bool = False
    """Labels can no longer be cancelled."""
    statuses: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    """Tracking number -> what happened."""
    expected: dict[str, str] = field(default_factory=dict)
    returns: list[dict[str, Any]] = field(default_factory=list)
    pickups: list[dict[str, Any]] = field(default_factory=list)
    cancels: str = "at once"
    """What becomes of the wish to call a pickup off: `at once`, `later` or `never`."""

    def account(self, **changes: Any) -> dict[str, Any]:
        """What a shop's settings say of it."""
        return {**KEYS, "url": self.url, **changes}

    def answer(self, call: Call) -> Reply:
        wanted = base64.b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()
        if call.headers.get("authorization") != f"Basic {wanted}":
            return Reply(401, {"error": {"code": 401, "message": "Invalid username/password."}})
        if call.path.startswith(TRACKING):
            return self._tracking(call.path.removeprefix(TRACKING))
        if (call.method, call.path) == ("POST", f"{RETURNS}/announce-synchronously"):
            return self._made(json.loads(call.body))
        if (call.method, call.path) == ("GET", RETURNS):
            return self._page(int(call.query.get("cursor", "0")), int(call.query["page_size"]))
        if call.path.startswith(PICKUPS):
            return self._pickup(call, call.path.removeprefix(PICKUPS).strip("/").split("/"))
        if (call.method, call.path) == ("POST", "/v3/shipping-options"):
            return self._options(json.loads(call.body))
        return self._one(call)

    def _options(self, wanted: dict[str, Any]) -> Reply:
        known = {"correos:return/standard": False, QR_OPTION: True}
        found = [code for code in known if code == wanted.get("shipping_option_code", code)]
        return Reply(
            document={"data": [{"code": code, "name": code, "functionalities": {"returns": True, "labelless": known[code]}} for code in found]}
        )

    def _pickup(self, call: Call, parts: list[str]) -> Reply:
        if call.method == "POST" and parts == [""]:
            return self._ordered(json.loads(call.body))
        if parts == [""]:
            begin, size = int(call.query.get("cursor", "0")), int(call.query["page_size"])
            shown = [{name: one[name] for name in LISTED} for one in self.pickups[begin : begin + size]]
            more = f'<https://panel.sendcloud.example/api/v3/pickups?cursor={begin + size}>; rel="next"' if len(self.pickups) > begin + size else ""
            return Reply(document={"data": shown}, headers=(("Link", more),) if more else ())
        one = next((one for one in self.pickups if str(one["id"]) == parts[0]), None)
        if one is None:
            return Reply(404, {"errors": [{"code": "not_found", "status": "404", "detail": "No Pickup matches the given query."}]})
        if parts[-1] == "cancel":
            return self._called_off(one)
        return Reply(document={"data": one})

    def _ordered(self, wanted: dict[str, Any]) -> Reply:
        missing = [name for name in ("address", "time_slots", "carrier_code", "total_weight", "quantity") if not wanted.get(name)]
        missing += [] if wanted.get("address", {}).get("phone_number") else ["address/phone_number"]
        if missing:
            return Reply(400, {"errors": [{"status": "400", "code": "required", "detail": f"{name} is required."} for name in missing]})
        self.pickups.append({**wanted, "id": 294247 + len(self.pickups), "status": "ANNOUNCING", "country": wanted["address"]["country_code"]})
        return Reply(201, {"data": self.pickups[-1]})

    def _called_off(self, one: dict[str, Any]) -> Reply:
        if self.cancels == "never":
            return Reply(409, {"errors": [{"status": "409", "code": "conflict", "detail": "Pickup can not be cancelled."}]})
        one["status"] = "CANCELLED" if self.cancels == "at once" else "CANCELLATION_REQUESTED"
        return Reply(200 if self.cancels == "at once" else 202, {"data": one})

    def _tracking(self, number: str) -> Reply:
        if number not in self.statuses:
            return Reply(404, html=NO_SUCH_KEY)
        told = [{"carrier_update_timestamp": f"{at:%Y-%m-%d %H:%M:%S.%f}+00:00", "parent_status": word} for at, word in self.statuses[number]]
        return Reply(document={"carrier_code": "correos", "expected_delivery_date": self.expected.get(number), "statuses": told[::-1]})

    def _made(self, wanted: dict[str, Any]) -> Reply:
        missing = [name for name in ("from_address", "to_address", "ship_with", "weight") if not wanted.get(name)]
        if missing:
            return Reply(400, {"errors": [{"field": name, "message": "This field is required.", "code": "required"} for name in missing]})
        self.returns.append({**wanted, "id": 1000 + len(self.returns), "parent_status": "announced" if self.announced else "announcing"})
        return Reply(201, {"return_id": self.returns[-1]["id"], "parcel_id": self.returns[-1]["id"] + 7000, "multi_collo_ids": []})

    def _page(self, begin: int, size: int) -> Reply:
        shown = self.returns[::-1][begin : begin + size]
        more = f"https://panel.sendcloud.example/api/v3/returns?cursor={begin + size}" if len(self.returns) > begin + size else None
        return Reply(document={"next": more, "previous": None, "data": [self._shown(one, listed=True) for one in shown]})

    def _one(self, call: Call) -> Reply:
        parts = call.path.strip("/").split("/")
        number = int(parts[2]) if len(parts) > 2 and parts[2].isdigit() else 0
        one = next((one for one in self.returns if number in (one["id"], one["id"] + 7000)), None)
        if one is None:
            return Reply(404, {"errors": [{"code": "not_found", "status": "404", "detail": "No Parcel matches the given query."}]})
        if parts[-1] == "cancel":
            return self._cancel(one, 202 if parts[1] == "returns" else 200)
        if parts[-1] == "qr":
            return self._code(one)
        if parts[-1] == "label":
            return Reply(pdf=paper(one["external_reference"]))
        return Reply(document=self._shown(one, listed=False))

    def _code(self, one: dict[str, Any]) -> Reply:
        """Only what was announced without a label has one."""
        if one.get("delivery_option") != "drop_off_labelless" or not self.gives_codes:
            return Reply(404, {"error": {"code": 404, "request": "api/v2/parcels/1/documents/qr", "message": "Not found."}})
        return Reply(pdf=picture(one["external_reference"]))

    def _cancel(self, one: dict[str, Any], status: int) -> Reply:
        if self.keeps:
            return Reply(409, {"errors": [{"field": "returns", "code": 409, "message": "Return is not cancellable."}]})
        one["parent_status"] = "cancelled"
        return Reply(status, {"message": "Cancellation requested successfully"})

    def _shown(self, one: dict[str, Any], *, listed: bool) -> dict[str, Any]:
        """As `GET /v3/returns` shows one: with the order's number, and without the reference that it was sent with."""
        ready = one["parent_status"] != "announcing"
        label = f"https://panel.sendcloud.example/api/v3/parcels/{one['id'] + 7000}/documents/label"
        told = {
            "order_number": one["order_number"],
            "tracking_number": f"SC{one['id']}" if ready else None,
            "tracking_url": f"https://seguimiento.example/SC{one['id']}",
            "label_url": label if ready else None,
            "label": {"label_printer": label, "normal_printer": [f"{label}?paper_size=a4"]} if ready else {},
            "label_cost": {"value": 6.15, "currency": "EUR"},
            "status_history": [{"carrier_update_timestamp": "2026-11-03T10:00:00+00:00", "parent_status": one["parent_status"]}],
        }
        return told | ({"id": one["id"]} if self.lists_ids or not listed else {})

    @property
    def coming(self) -> list[tuple[str, str]]:
        """(reference, begin) of the pickups for which a driver comes."""
        return [(one["reference"], one["time_slots"][0]["start_at"]) for one in self.pickups if one["status"] in ("ANNOUNCING", "CREATED")]

    @property
    def live(self) -> list[dict[str, Any]]:
        """Returns that were not cancelled: those that cost something."""
        return [one for one in self.returns if one["parent_status"] != "cancelled"]


def picture(text: str) -> bytes:
    """A code as a picture."""
    from PIL import Image, ImageDraw

    from connectors.carriers.own.codes import qr

    runs, side = qr(text)
    image = Image.new("1", (side + 8, side + 8), 1)
    for row, column, length in runs:
        ImageDraw.Draw(image).line((column + 4, row + 4, column + 3 + length, row + 4), fill=0)
    made = io.BytesIO()
    image.resize((image.width * 8, image.height * 8)).save(made, "PNG")
    return made.getvalue()


def told(number: str, status: int, message: str, at: datetime, *, carrier_at: datetime | None = None, millis: bool = True, **parcel: Any) -> bytes:
    """The body of `parcel_status_changed` as its documentation shows it. `at`: by Sendcloud's clock."""
    unix = 1000 if millis else 1
    document = {
        "action": "parcel_status_changed",
        "timestamp": int(at.timestamp() * unix),
        "carrier_status_change_timestamp": int(carrier_at.timestamp() * unix) if carrier_at is not None else None,
        "parcel": {
            "id": 1, "name": "Ana Ruiz", "company_name": "", "address": "Calle Betis 7", "city": "Sevilla", "postal_code": "41010",
            "address_divided": {"street": "Calle Betis", "house_number": 7}, "telephone": "612345678", "email": "ana@cliente.example",
            "date_created": "2026-11-03T06:48:07", "tracking_number": number, "weight": "2.000", "customs_declaration": {},
            "status": {"id": status, "message": message}, "data": {}, "country": {"iso_3": "ESP", "iso_2": "ES", "name": "Spain"},
            "shipment": {"id": 1, "name": "Correos"}, "order_number": "4001", **parcel,
        },
    }  # fmt: skip
    return json.dumps(document).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The header that comes with it."""
    return {"Sendcloud-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
