"""Our side of the invented carrier: an implementation of the contract over the one HTTP door, as a real one would be.

`python -m tests.peers.rapido --config ... up` is `postventa` with this carrier in its registry; its address stands in `RAPIDO_URL`.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors.carriers import CARRIERS
from connectors.carriers.base import Label, LabelRequest, Method, Scan, Status, Tracked, check_direction
from connectors.errors import ConnectorError, InDoubt, Unsupported
from connectors.http import Answer, Door, refusal
from postventa.events import Address
from tests.peers.carrier import KEY, LABELS

NAME = "rapido"
VARIABLE = "RAPIDO_URL"
WORDS = {"admitido": Status.IN_TRANSIT, "en reparto": Status.OUT_FOR_DELIVERY, "entregado": Status.DELIVERED}


@dataclass
class RapidoCarrier:
    """Labels that cost money."""

    url: str
    door: Door = field(default_factory=lambda: Door(allow_private_hosts=["127.0.0.1"]))
    readable: bool = True
    """Whether it can be asked what it made."""
    name: str = NAME
    methods: frozenset[Method] = frozenset({Method.PRINTED_LABEL})

    def return_label(self, request: LabelRequest) -> Label:
        if request.method not in self.methods:
            raise Unsupported(f"make a label of the kind {request.method.value}", self.name)
        check_direction(request)
        try:
            answer = self._ask("POST", LABELS, _wanted(request), request.reference)
            if answer.status < 400:
                return self._label(answer.json(self.name))
        except ConnectorError as error:
            if error.permanent:
                raise
            raise InDoubt(f"{error}; it may have made the label") from error
        if answer.status >= 500:
            raise InDoubt(f"{refusal(answer, self.name)}; it may have made the label")
        raise refusal(answer, self.name)

    def find(self, request: LabelRequest) -> Label | None:
        if not self.readable:
            raise Unsupported("say what it made", self.name)
        answer = self._ask("GET", f"{LABELS}?reference={quote(request.reference)}")
        if answer.status != 200:
            raise refusal(answer, self.name)
        found = [label for label in answer.json(self.name)["labels"] if not label["void"]]
        return self._label(found[0]) if found else None

    def void(self, label: Label) -> None:
        answer = self._ask("DELETE", f"{LABELS}/{quote(label.carrier_ref)}")
        if answer.status != 204:
            raise refusal(answer, self.name)

    def track(self, tracking_number: str) -> Tracked:
        answer = self._ask("GET", f"/v1/tracking/{quote(tracking_number)}")
        if answer.status != 200:
            raise refusal(answer, self.name)
        return Tracked(tuple(_scan(told) for told in answer.json(self.name)["scans"]))

    def _ask(self, method: str, path: str, document: Any = None, key: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **({"Idempotency-Key": key} if key else {})}
        body = json.dumps(document).encode() if document is not None else None
        return self.door.send(method, f"{self.url}{path}", headers=headers, body=body)

    def _label(self, told: Any) -> Label:
        try:
            pdf = base64.b64decode(told["pdf"], validate=True)
            return Label(self.name, str(told["reference"]), pdf, told["tracking_number"], "", str(told["id"]), str(told["price"]), told["currency"])
        except (KeyError, TypeError, ValueError):
            raise ConnectorError(f"{self.name} answered with something that is no label") from None


def _scan(told: Any) -> Scan:
    return Scan(datetime.fromisoformat(told["at"]), told["status"], told.get("place", ""), WORDS.get(told["status"], Status.UNKNOWN))


def _wanted(request: LabelRequest) -> dict[str, Any]:
    return {"reference": request.reference, "from": _place(request.sender), "to": _place(request.receiver), "weight_g": request.weight_g}


def _place(address: Address) -> dict[str, str]:
    return {"name": address.name, "street": address.street, "postcode": address.postcode, "city": address.city, "country": address.country}


def main() -> None:
    """`postventa` with one more carrier."""
    from postventa.cli import main as postventa

    CARRIERS[NAME] = RapidoCarrier(os.environ[VARIABLE], readable=os.environ.get("RAPIDO_MUTE") != "1")
    postventa()


if __name__ == "__main__":
    main()
