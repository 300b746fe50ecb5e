"""What an answer of the process with karrio comes to: scans, a label, a refusal, or a doubt."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import tzinfo

from connectors.carriers.base import Label, LabelRequest, Tracked
from connectors.carriers.karrio import told
from connectors.carriers.karrio.kinds import Kind
from connectors.errors import ConnectorError, InDoubt, Refused, of_a_write
from connectors.http import Answer, refusal
from connectors.reading import Part

STRANGE: Mapping[str, frozenset[str]] = {
    "dhl_parcel_de": frozenset({"100", "200", "41"}),
    "dhl_express": frozenset({"209"}),
    "ups": frozenset({"TW0001", "TV1002"}),
    "fedex": frozenset({"TRACKING.TRACKINGNUMBER.NOTFOUND", "TRACKING.TRACKINGNUMBER.INVALID", "TRACKING.DATA.NOTFOUND"}),
    "gls_group": frozenset({"E_400_01", "E_404_01"}),
}
"""How each says that it has no such parcel (yet)."""
NO_ENTRY: Mapping[str, frozenset[str]] = {
    "dhl_parcel_de": frozenset({"5", "6", "62"}),
    "dpd": frozenset({"DELICOM_ERR_AUTHENTICATION", "LOGIN_5", "LOGIN_8"}),
    "dhl_express": frozenset({"100"}),
}
"""How each says, with a status that is not 401, that it does not take our keys."""
OURS = "SHIPPING_SDK"
"""Begins the codes that karrio gives itself."""
PDF = b"%PDF-"


def tracked(kind: Kind, answer: Part, zone: tzinfo) -> Tracked:
    """Raises `ConnectorError`."""
    codes = _codes(answer)
    if codes & NO_ENTRY.get(kind.name, frozenset()):
        raise Refused(f"{kind.title} does not accept our keys ({_words(answer)})")
    if answer.part("result"):
        return told.read(kind, answer.part("result"), zone)
    if codes & STRANGE.get(kind.name, frozenset()):
        return Tracked(known=False)
    _raise_trouble(answer)
    _raise_refusal(kind, answer)
    if codes:
        raise ConnectorError(f"{kind.title} cannot say where this parcel is ({_words(answer)})", permanent=True)
    return Tracked(known=False)


def labelled(kind: Kind, answer: Part, request: LabelRequest) -> Label:
    """Raises `InDoubt` whenever the label may have been made all the same, `ConnectorError` when it was not."""
    if answer.part("result"):
        return _label(kind, answer.part("result"), request)
    written = answer.flag("written")
    try:
        _raise_trouble(answer)
        _raise_refusal(kind, answer)
    except ConnectorError as error:
        raise (of_a_write(error) if written else error) from error
    said = [message for message in answer.parts("messages") if not message.text("code").startswith(OURS)]
    if written and not (kind.no_with_200 and said):
        raise InDoubt(f"{kind.title} answered with something that is no label; it may have made one")
    if _codes(answer) & NO_ENTRY.get(kind.name, frozenset()):
        raise Refused(f"{kind.title} does not accept our keys ({_words(answer)})")
    raise ConnectorError(f"{kind.title} made no label ({_words(answer) or 'karrio does not say why'})", permanent=True)


def taken_back(kind: Kind, answer: Part) -> None:
    """Raises `ConnectorError`, permanent when the carrier keeps the label."""
    _raise_trouble(answer)
    _raise_refusal(kind, answer)
    if not answer.part("result").flag("success"):
        raise ConnectorError(f"{kind.title} keeps this label ({_words(answer)})", permanent=True)


def _label(kind: Kind, made: Part, request: LabelRequest) -> Label:
    number = made.text("tracking_number")
    paper = _paper(made.part("docs").raw.get("label"))
    if not number or not paper.startswith(PDF):
        raise InDoubt(
            f"{kind.title} made the label {number or 'without a number'}, and its paper cannot be read: print it in {kind.title}'s own panel"
        )
    rate = made.part("selected_rate")
    return Label(
        carrier=kind.name,
        reference=request.reference,
        pdf=paper,
        tracking_number=number,
        tracking_url=made.part("meta").url("carrier_tracking_link"),
        carrier_ref=made.text("shipment_identifier") or number,
        cost=format(rate.money("total_charge"), "f"),
        currency=rate.text("currency", 3) or "EUR",
    )


def _paper(encoded: object) -> bytes:
    try:
        return base64.b64decode(encoded) if isinstance(encoded, str) else b""
    except binascii.Error:
        return b""


def _raise_trouble(answer: Part) -> None:
    """What went wrong at the HTTP door, as it said it there."""
    trouble = answer.part("trouble")
    if not trouble:
        return
    words, again = trouble.text("words", 500), trouble.raw.get("retry_after")
    raise ConnectorError(words, permanent=trouble.flag("permanent"), retry_after=float(again) if isinstance(again, int | float) else None)


def _raise_refusal(kind: Kind, answer: Part) -> None:
    status, headers = answer.count("status"), {"retry-after": answer.text("retry_after")}
    if status < 400 or (status >= 500 and kind.name == "dpd" and _codes(answer)):
        return  # a fault of SOAP comes with 500, and its words say more
    raise refusal(Answer(status, headers, b""), kind.title, _words(answer))


def _codes(answer: Part) -> set[str]:
    return {code for message in answer.parts("messages") if (code := message.text("code"))}


def _words(answer: Part) -> str:
    """The carrier's own words; karrio's of its own trouble are none that help."""
    said = [message.text("message", 300) for message in answer.parts("messages")]
    return "; ".join(word for word in said if word)[:500]
