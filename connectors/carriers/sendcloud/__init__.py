"""Sendcloud: one contract for Correos, SEUR, MRW, GLS, CTT, InPost and most carriers of Europe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from connectors.carriers.base import Account, Fetching, Label, LabelRequest, Method, Pickup, Told, Tracked, Window, check_direction
from connectors.carriers.sendcloud import options, pickups, returns, tracking, webhook
from connectors.carriers.sendcloud.client import WHO, Api, refused
from connectors.errors import ConnectorError, InDoubt, Unsupported, of_a_write
from connectors.reading import Part

PAGES = 25
"""Of 40 returns each that are looked through for one of ours."""
PNG, MOST = b"\x89PNG\r\n\x1a\n", 512 * 1024
"""What a code's picture begins with, and bytes that it has at most."""
UNBOUND = ValueError("Sendcloud works with a shop's own account: fill in [shops.carriers.sendcloud]")


@dataclass
class SendcloudCarrier:
    """Without an account it only says what it can."""

    account: Account | None = None
    name: str = "sendcloud"
    methods: frozenset[Method] = frozenset({Method.PRINTED_LABEL, Method.QR, Method.PICKUP})

    def bound(self, account: Account) -> SendcloudCarrier:
        """For one shop. Raises `ValueError` for keys that are missing."""
        Api(account)
        return SendcloudCarrier(account)

    @property
    def api(self) -> Api:
        """The account's API."""
        if self.account is None:
            raise UNBOUND
        return Api(self.account)

    def return_label(self, request: LabelRequest) -> Label:
        """Buy one; Sendcloud asks the carrier at once, so that a refusal is known at once. One that is there already is given as it is."""
        if request.method not in self.methods:
            raise Unsupported(f"make a label of the kind {request.method.value}", self.name)
        check_direction(request)
        document = returns.wanted(request, self.api.account.keys)
        known = self.find(request)
        if known is not None:
            return known
        try:
            made = Part(self.api.write("POST", "/v3/returns/announce-synchronously", document))
        except ConnectorError as error:
            raise of_a_write(error) from error
        number = made.ref("return_id")
        if not number:
            raise InDoubt(f"{WHO} answered without a number of the return; it may have made the label")
        try:
            return self._label(request, Part(self.api.read(f"/v3/returns/{number}")), number, made.ref("parcel_id"))
        except ConnectorError as error:
            raise InDoubt(f"{error}; the label {number} is made") from error

    def find(self, request: LabelRequest) -> Label | None:
        """Looked for among the returns since the request's day, by our number."""
        told = self._listed(request)
        return self._label(request, told, told.ref("id") or told.ref("return_id"), "") if told is not None else None

    def pickup(self, request: LabelRequest, window: Window) -> Pickup:
        """Have the parcel fetched at the customer's door. Whether its carrier says yes is known later."""
        check_direction(request)
        pickups.carrier_of(self.api.account.keys)
        try:
            return pickups.order(self.api, request, window)
        except ConnectorError as error:
            raise of_a_write(error) from error

    def find_pickup(self, request: LabelRequest, window: Window) -> Pickup | None:
        """Looked for among those of the same carrier and hours, by our reference."""
        return pickups.find(self.api, request, window)

    def pickup_stands(self, reference: str) -> Fetching:
        """How it stands now."""
        return pickups.stands(self.api, reference)

    def call_off_pickup(self, reference: str) -> Fetching:
        """Some carriers answer at once; for others Sendcloud's people ask, and the answer comes later."""
        return pickups.call_off(self.api, reference)

    def void(self, label: Label) -> None:
        """Ask for the label's cancelling: Sendcloud takes the wish, and the carrier decides (most do until the evening of the same day)."""
        kind, _, number = label.carrier_ref.rpartition("-")
        method, path = ("POST", f"/v2/parcels/{number}/cancel") if kind == "parcel" else ("PATCH", f"/v3/returns/{number}/cancel")
        if not number.isdigit():
            raise ConnectorError(f"{WHO}'s number of the label {label.reference} is not known: cancel it in Sendcloud's panel", permanent=True)
        answer = self.api.ask(method, path)
        if answer.status == 410:
            return  # given back before
        if answer.status >= 400:
            raise (
                refused(answer) if answer.status != 409 else ConnectorError(f"{WHO} says that this label can no longer be cancelled", permanent=True)
            )

    def track(self, tracking_number: str) -> Tracked:
        """A number that Sendcloud does not know is answered with 404, by a store of files behind it."""
        answer = self.api.ask("GET", tracking.path(tracking_number))
        if answer.status == 404:
            return Tracked(known=False)
        if answer.status >= 400:
            raise refused(answer)
        return tracking.read(answer.json(WHO))

    def why_no_qr(self) -> str:
        """Why the account's `qr_option` gives no code for the telephone, in plain words; empty: it does. Raises `ConnectorError`."""
        code = self.api.account.keys.get("qr_option", "")
        return options.why_no_qr(code, Part(self.api.write("POST", "/v3/shipping-options", options.wanted(code))))

    def verify(self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> int:
        """Who signed what Sendcloud told by itself."""
        return webhook.verify(body, headers, secrets)

    def told(self, body: bytes) -> Told:
        """What it told by itself."""
        return webhook.read(body)

    def _listed(self, request: LabelRequest) -> Part | None:
        now, cursor = datetime.now(UTC), ""
        since = min(request.issued_on or now.date(), now.date())
        for _ in range(PAGES):
            page = Part(self.api.read(returns.listing(since, now, cursor)))
            if "data" not in page:
                raise ConnectorError(f"{WHO} answered with something that is no list of returns")
            found = next((told for told in page.parts("data") if returns.is_it(told, request)), None)
            cursor = parse_qs(urlsplit(page.text("next", 1000)).query).get("cursor", [""])[0]
            if found is not None or not cursor:
                return found
        raise ConnectorError(
            f"{WHO} has more than {PAGES * 40} returns since {since}: too many to look through for {request.reference}", permanent=True
        )

    def _label(self, request: LabelRequest, told: Part, number: str, parcel: str) -> Label:
        parcel = parcel or returns.parcel_of(told)
        if not parcel or not told.text("tracking_number"):
            raise ConnectorError(f"{WHO} is still making the label {request.reference}")
        amount, currency = returns.cost(told)
        qr = self._code(parcel) if request.method is Method.QR else b""
        return Label(
            carrier=self.name,
            reference=request.reference,
            pdf=b"" if qr else self.api.file(f"/v3/parcels/{parcel}/documents/label?paper_size=a4"),
            tracking_number=told.text("tracking_number"),
            tracking_url=told.url("tracking_url"),
            carrier_ref=number or f"parcel-{parcel}",
            cost=amount,
            currency=currency,
            qr=qr,
        )

    def _code(self, parcel: str) -> bytes:
        """The carrier's code; empty where this parcel has none. Only v2 knows this kind of document."""
        answer = self.api.ask("GET", f"/v2/parcels/{parcel}/documents/qr", accept="image/png")
        if answer.status == 404:
            return b""
        if answer.status >= 400:
            raise refused(answer)
        if not answer.body.startswith(PNG) or len(answer.body) > MOST:
            raise ConnectorError(f"{WHO} answered with something that is no picture of a code", retry_after=answer.retry_after)
        return answer.body
