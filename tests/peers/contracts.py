"""DHL Paket, DHL Express, UPS, FedEx, DPD and GLS as one scriptable peer, by their published documents: what karrio asks of each, at its own paths.

Invented data. What stands behind each path:

| carrier | token | tracking | labels |
|---|---|---|---|
| DHL Paket | `POST /parcel/de/account/auth/ropc/v1/token` | `GET /parcel/de/tracking/v0/shipments?xml=` | `POST .../shipping/returns/v1/orders` |
| UPS | `POST /security/v1/oauth/token` | `GET /api/track/v1/details/<number>` | `POST /api/shipments/v2409/ship`, `DELETE .../void/cancel/<number>` |
| GLS | `POST /oauth2/v2/token` | `GET /track-and-trace-v1/tracking/simple/trackids/<number>` | `POST /shipit-farm/v1/backend/rs/shipments` |
| DPD | `POST /soap/services/LoginService/V2_1` | `POST /soap/services/ParcelLifeCycleService/V2_0` | |
| DHL Express | none | `POST /XMLShippingServlet` | the same |
| FedEx | `POST /oauth/token` | `POST /track/v1/trackingnumbers` | |
"""

from __future__ import annotations

import base64
import io
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from PIL import Image

from tests.peers.carrier import paper
from tests.peers.shop import Call, Reply, ShopPeer

SECRET = "geheimnis-zum-ueben"
KEYS: dict[str, dict[str, str]] = {
    "dhl_parcel_de": {"username": "lola", "password": SECRET, "client_id": "app-de-prueba", "client_secret": SECRET},
    "dhl_express": {"site_id": "lola", "password": SECRET, "account_number": "960000001"},
    "ups": {"client_id": "app-de-prueba", "client_secret": SECRET, "account_number": "A1B2C3"},
    "fedex": {"track_api_key": "app-de-prueba", "track_secret_key": SECRET},
    "dpd": {"delis_id": "lola", "password": SECRET},
    "gls_group": {"client_id": "app-de-prueba", "client_secret": SECRET, "contact_id": "2760000001"},
}
BASIC = "Basic " + base64.b64encode(f"app-de-prueba:{SECRET}".encode()).decode()
BEARER = "Bearer tok-1"
SHIPPED = ("/returns/v1/orders", "/v2409/ship", "/rs/shipments", "/XMLShippingServlet")
SOAP = '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>{}</soap:Body></soap:Envelope>'
FAULT = SOAP.format(
    '<soap:Fault><faultcode>soap:Server</faultcode><faultstring>Fault occured</faultstring><detail><ns:authenticationFault xmlns:ns="http://dpd.com/'
    'common/service/types/Authentication/2.0"><errorCode>DELICOM_ERR_AUTHENTICATION</errorCode><errorMessage>Authentication failure, check delisId '
    "and password.</errorMessage></ns:authenticationFault></detail></soap:Fault>"
)


@dataclass
class ContractsPeer(ShopPeer):
    """`parcels`: tracking number -> what its carrier answers about it."""

    parcels: dict[str, Reply] = field(default_factory=dict)
    tokens: int = 0
    shipped: list[Any] = field(default_factory=list)
    """What labels were asked for with."""
    voided: list[str] = field(default_factory=list)

    def account(self, carrier: str, **changes: str) -> dict[str, str]:
        """What a shop's settings say of it."""
        return {**KEYS[carrier], "url": self.url, **changes}

    def answer(self, call: Call) -> Reply:
        if call.path.endswith("/token") or "LoginService" in call.path:
            return self._token(call)
        if call.path == "/XMLShippingServlet":
            return self._express(call.body.decode())
        if "ParcelLifeCycleService" in call.path:
            return self._about(_between(call.body.decode(), "parcelLabelNumber>", "<"), Reply(500, html=FAULT))
        if call.path.startswith("/parcel/de/tracking/"):
            return self._paket(call)
        if call.headers.get("authorization") != BEARER:
            return Reply(401, {"response": {"errors": [{"code": "250002", "message": "Invalid Authentication Information."}]}})
        return self._with_token(call)

    def _token(self, call: Call) -> Reply:
        self.tokens += 1
        body = call.body.decode()
        if "LoginService" in call.path:
            return Reply(html=SOAP.format(LOGIN)) if f">{SECRET}<" in body else Reply(500, html=FAULT)
        said = {name: values[0] for name, values in parse_qs(body).items()}
        if call.headers.get("authorization") != BASIC and said.get("client_secret") != SECRET:
            return Reply(401, {"response": {"errors": [{"code": "10401", "message": "ClientId is Invalid"}]}, "title": "Unauthorized", "status": 401})
        return Reply(document={"access_token": "tok-1", "token_type": "Bearer", "expires_in": "14399", "issued_at": str(int(time.time() * 1000))})

    def _with_token(self, call: Call) -> Reply:
        number = call.path.rpartition("/")[2]
        if call.path.endswith(SHIPPED):
            return self._ship(call.path, json.loads(call.body))
        if "/void/cancel/" in call.path:
            self.voided.append(number)
            return Reply(document={"VoidShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1", "Description": "Success"}}}})
        if call.path.startswith("/track/v1/"):
            asked = json.loads(call.body)["trackingInfo"][0]["trackingNumberInfo"]["trackingNumber"]
            return self._about(asked, Reply(document=fedex_stranger(asked)))
        return self._about(number, Reply(document=GLS_STRANGER) if "trackids" in call.path else Reply(404, UPS_STRANGER))

    def _about(self, number: str, stranger: Reply) -> Reply:
        return self.parcels.get(number, stranger)

    def _paket(self, call: Call) -> Reply:
        if call.headers.get("authorization") != BASIC:
            return Reply(401, {"status": 401, "title": "Unauthorized", "detail": "Unauthorized for given resource."})
        if f'password="{SECRET}"' not in call.query["xml"]:
            return Reply(html='<?xml version="1.0" encoding="UTF-8"?><data name="piece-shipment-list" code="5" error="login failed" request-id="r"/>')
        stranger = '<?xml version="1.0" encoding="UTF-8"?><data name="piece-shipment-list" code="100" error="No data found" request-id="r"/>'
        return self._about(_between(call.query["xml"], 'piece-code="', '"'), Reply(html=stranger))

    def _express(self, body: str) -> Reply:
        if f"<Password>{SECRET}</Password>" not in body:
            return Reply(html=express_refusal("100", "Authentication failed"))
        if "ShipmentRequest" not in body:
            return self._about(_between(body, "<AWBNumber>", "<"), Reply(html=express_refusal("209", "No Shipments Found for AWBNumber")))
        self.shipped.append(body)
        return Reply(html=EXPRESS_LABEL.format(base64.b64encode(paper("DHL")).decode()))

    def _ship(self, path: str, wanted: Any) -> Reply:
        self.shipped.append(wanted)
        pdf = base64.b64encode(paper("label")).decode()
        if "returns" in path:
            return Reply(201, {"shipmentNo": "999991587211", "label": {"b64": pdf}, "routingCode": "40327653113+99000933090010"})
        if "ShipmentRequest" in wanted:
            return Reply(document=ups_label())
        parcel = {"TrackID": "ZX1A2B3C", "ParcelNumber": "36301917596"}
        made = {"CustomerID": "2760000001", "PickupLocation": "ES00", "ParcelData": [parcel], "PrintData": [{"Data": pdf, "LabelFormat": "PDF"}]}
        return Reply(201, {"CreatedShipment": made})


def _between(text: str, begin: str, end: str) -> str:
    return text.partition(begin)[2].partition(end)[0]


LOGIN = (
    '<ns2:getAuthResponse xmlns:ns2="http://dpd.com/common/service/types/LoginService/2.0"><return><delisId>lola</delisId><customerUid>lola</customerUid>'
    "<authToken>dpd-tok-1</authToken><depot>0530</depot><authTokenExpires>2099-01-01T00:00:00.00</authTokenExpires></return></ns2:getAuthResponse>"
)
UPS_STRANGER = {"response": {"errors": [{"code": "TW0001", "message": "Tracking Information Not Found"}]}}
GLS_STRANGER = {"parcels": [{"requested": "1", "errorCode": "E_404_01", "errorMessage": "Resource Not Found"}]}
EXPRESS_LABEL = (
    '<?xml version="1.0" encoding="UTF-8"?><res:ShipmentResponse xmlns:res="http://www.dhl.com"><Note><ActionNote>Success</ActionNote></Note>'
    "<AirwayBillNumber>1234567890</AirwayBillNumber><ShippingCharge>14.250</ShippingCharge><PackageCharge>14.250</PackageCharge>"
    "<LabelImage><OutputFormat>PDF</OutputFormat><OutputImage>{}</OutputImage></LabelImage></res:ShipmentResponse>"
)


def express_refusal(code: str, words: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><res:ErrorResponse xmlns:res="http://www.dhl.com"><Response><Status><ActionStatus>Error</ActionStatus>'
        f"<Condition><ConditionCode>{code}</ConditionCode><ConditionData>{words}</ConditionData></Condition></Status></Response></res:ErrorResponse>"
    )


def fedex_stranger(number: str) -> dict[str, Any]:
    error = {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "Tracking number cannot be found."}
    told = [{"trackingNumberInfo": {"trackingNumber": number}, "error": error}]
    return {"transactionId": "t", "output": {"completeTrackResults": [{"trackingNumber": number, "trackResults": told}]}}


def fedex_parcel(number: str, *events: tuple[str, str]) -> Reply:
    """Of (time with its offset, event type)."""
    scans = [
        {"date": at, "eventType": word, "eventDescription": word, "scanLocation": {"city": "SEVILLA", "countryCode": "ES"}} for at, word in events
    ]
    told = [{"trackingNumberInfo": {"trackingNumber": number}, "latestStatusDetail": {"code": events[0][1]}, "scanEvents": scans}]
    return Reply(document={"output": {"completeTrackResults": [{"trackingNumber": number, "trackResults": told}]}})


def ups_label() -> dict[str, Any]:
    """A GIF in landscape, as UPS gives it."""
    picture = io.BytesIO()
    Image.new("P", (140, 80)).save(picture, "GIF")
    image = {"ImageFormat": {"Code": "GIF", "Description": "GIF"}, "GraphicImage": base64.b64encode(picture.getvalue()).decode()}
    package = {"TrackingNumber": "1ZA1B2C39099999990", "ShippingLabel": image}
    results = {"ShipmentIdentificationNumber": "1ZA1B2C39099999990", "PackageResults": [package]}
    return {"ShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1", "Description": "Success"}}, "ShipmentResults": results}}


def ups_parcel(number: str, *events: tuple[str, str, str, str]) -> Reply:
    """Of (day, time, type, code), the newest first."""
    place = {"address": {"city": "SEVILLA", "country": "ES", "countryCode": "ES"}}
    activity = [
        {"date": day, "time": at, "location": place, "status": {"type": kind, "code": code, "description": code}} for day, at, kind, code in events
    ]
    package = {"trackingNumber": number, "activity": activity, "deliveryDate": [{"type": "DEL", "date": "20261105"}], "deliveryInformation": {}}
    return Reply(document={"trackResponse": {"shipment": [{"inquiryNumber": number, "package": [package]}]}})


def gls_parcel(number: str, status: str, at: str, *events: tuple[str, str]) -> Reply:
    """`events`: (time, code), the newest first."""
    told = [{"eventDateTime": when, "code": code, "city": "Sevilla", "country": "ES", "description": code} for when, code in events]
    return Reply(document={"parcels": [{"requested": number, "unitno": number, "status": status, "statusDateTime": at, "events": told}]})


def paket(number: str, *events: tuple[str, str, str], back: bool = False) -> Reply:
    """Of (time, ICE, standard event code), the oldest first."""
    told = "".join(
        f'<data name="piece-event" event-timestamp="{at}" event-status="{code}" ice="{ice}" ric="OTHER" event-location="Bonn" '
        f'event-country="Germany" standard-event-code="{code}"/>'
        for at, ice, code in events
    )
    piece = f'<data name="piece-shipment" error-status="0" piece-code="{number}" ice="{events[-1][1]}" ruecksendung="{str(back).lower()}">'
    inner = f'<data name="piece-event-list">{told}</data></data></data>'
    return Reply(html=f'<?xml version="1.0" encoding="UTF-8"?><data name="piece-shipment-list" code="0" request-id="r">{piece}{inner}')


def dpd_parcel(*events: tuple[str, str, bool]) -> Reply:
    """Of (status, time, whether it was reached)."""

    def wrapped(name: str, text: str) -> str:
        return f"<{name}><content>{text}</content><bold>false</bold><paragraph>false</paragraph></{name}>"

    told = "".join(
        f"<statusInfo><status>{word}</status>{wrapped('label', word)}<description>{wrapped('content', word)}</description>"
        f"<statusHasBeenReached>{str(reached).lower()}</statusHasBeenReached><isCurrentStatus>false</isCurrentStatus>"
        f"<showContactInfo>false</showContactInfo>{wrapped('location', 'Mechelen (BE)')}{wrapped('date', at)}</statusInfo>"
        for word, at, reached in events
    )
    result = f"<trackingresult>{told}</trackingresult>"
    answer = f'<getTrackingDataResponse xmlns="http://dpd.com/common/service/types/ParcelLifeCycleService/2.0">{result}</getTrackingDataResponse>'
    return Reply(html=SOAP.format(answer))


def express_parcel(number: str, *events: tuple[str, str, str]) -> Reply:
    """Of (day, time, event code), the oldest first."""
    told = "".join(
        f"<ShipmentEvent><Date>{day}</Date><Time>{at}</Time><ServiceEvent><EventCode>{code}</EventCode><Description>{code}</Description></ServiceEvent>"
        "<Signatory/><ServiceArea><ServiceAreaCode>SVQ</ServiceAreaCode><Description>Sevilla - Spain</Description></ServiceArea></ShipmentEvent>"
        for day, at, code in events
    )
    info = f"<ShipmentInfo><ShipmentDate>2026-11-03T09:00:00</ShipmentDate><Weight>1.0</Weight><WeightUnit>K</WeightUnit>{told}</ShipmentInfo>"
    awb = f"<AWBInfo><AWBNumber>{number}</AWBNumber><Status><ActionStatus>success</ActionStatus></Status>{info}</AWBInfo>"
    return Reply(html=f'<?xml version="1.0" encoding="UTF-8"?><req:TrackingResponse xmlns:req="http://www.dhl.com">{awb}</req:TrackingResponse>')
