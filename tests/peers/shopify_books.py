"""What a Shopify shop does with what is written to it: refunds reckoned and paid, notes, tags, discount codes, returns, labels and scans, kept, and
refused with `userErrors` as the real one does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.peers.shopify_swaps import ShopifySwaps

ZERO = Decimal(0)


def objection(message: str, code: str | None = None) -> dict[str, Any]:
    return {"field": None, "message": message, "code": code}


@dataclass
class ShopifyBooks:
    """`payments`: order -> [gateway, what it paid]; one of Shopify Payments unless told. `place`: where goods go back into stock; empty: not told.

    `forgets`: keys of requests are not remembered. `returnable`: order -> {item of a fulfilment: (line, pieces)}.
    `told`: (topic, body) of the webhooks about returns that the real one would send; with `bare` those bodies name no lines, as some do.
    """

    orders: dict[str, dict[str, Any]]
    returns: dict[str, dict[str, Any]]
    payments: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    place: str = "gid://shopify/Location/1"
    forgets: bool = False
    returnable: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)
    discounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    scans: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    """Of refunds that were made."""
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    bare: bool = False
    swaps: ShopifySwaps = field(init=False)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(8001))

    def __post_init__(self) -> None:
        self.swaps = ShopifySwaps(self.orders)

    def gid(self, kind: str) -> str:
        return f"gid://shopify/{kind}/{next(self._ids)}"

    def suggest(self, order: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/objects/SuggestedRefund"""
        lines = args.get("refundLineItems") or []
        worth = sum((self._worth(order, line) for line in lines), ZERO) + Decimal(str(args.get("shippingAmount") or 0))
        left = self._left(order)
        where = {"id": self.place} if self.place else None
        return {
            "amountSet": self._money(order, min(worth, left)),
            "maximumRefundableSet": self._money(order, left),
            "refundLineItems": [
                {"quantity": line["quantity"], "restockType": "RETURN", "lineItem": {"id": line["lineItemId"]}, "location": where} for line in lines
            ],
            "suggestedTransactions": self._ways(order, min(worth, left)),
        }

    def refund(self, args: dict[str, Any], key: str) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/refundCreate"""
        if key in self.keys and not self.forgets:
            return self.keys[key]
        asked = args["input"]
        wrong = self._wrong(self.orders[asked["orderId"]], asked)
        if wrong:
            return {"refund": None, "userErrors": [objection(wrong)]}
        self.keys[key] = {"refund": self._refund(self.orders[asked["orderId"]], asked), "userErrors": []}
        return self.keys[key]

    def _wrong(self, order: dict[str, Any], asked: dict[str, Any]) -> str:
        if asked.get("currency") != order["presentmentCurrencyCode"]:
            return "Currency must be the presentment currency of the order"
        if self._paid(asked) > self._left(order):
            return "Refund amount cannot be greater than the amount that can be refunded"
        for line in asked.get("refundLineItems", []):
            if line["quantity"] > self._pieces(order, line["lineItemId"]):
                return "Refund line items quantity cannot refund more items than were purchased"
            if line["restockType"] == "RETURN" and not line.get("locationId"):
                return "Refund line items location can't be blank"
        return ""

    def _refund(self, order: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
        amount, gid = self._paid(asked), self.gid("Refund")
        currency = order["presentmentCurrencyCode"]
        moved = [{"kind": "REFUND", "status": "SUCCESS", "amountSet": self._money(order, Decimal(str(t["amount"])))} for t in asked["transactions"]]
        made = {
            "id": gid, "legacyResourceId": gid.rpartition("/")[2], "note": asked.get("note"), "createdAt": order["updatedAt"],
            "processedAt": order["updatedAt"], "totalRefundedSet": {"presentmentMoney": {"amount": f"{amount:.2f}", "currencyCode": currency}},
            "transactions": {"nodes": moved},
            "refundLineItems": {
                "nodes": [{"quantity": line["quantity"], "lineItem": {"id": line["lineItemId"]}} for line in asked.get("refundLineItems", [])]
            },
        }  # fmt: skip
        order["refunds"] = [*order["refunds"], made]
        for method in asked.get("refundMethods") or []:
            self.swaps.credited(order["customer"].get("id", ""), method["storeCreditRefund"]["amount"])
        self.inputs.append(asked)
        return made

    def _paid(self, asked: dict[str, Any]) -> Decimal:
        credit = (method["storeCreditRefund"]["amount"]["amount"] for method in asked.get("refundMethods") or [])
        return sum((Decimal(str(t["amount"])) for t in asked.get("transactions") or []), ZERO) + sum(map(Decimal, credit), ZERO)

    def _left(self, order: dict[str, Any]) -> Decimal:
        gone = (Decimal(refund["totalRefundedSet"]["presentmentMoney"]["amount"]) for refund in order["refunds"])
        return Decimal(order["totalPriceSet"]["presentmentMoney"]["amount"]) - sum(gone, ZERO)

    def _pieces(self, order: dict[str, Any], line_ref: str) -> int:
        bought = next((line["quantity"] for line in order["lineItems"]["nodes"] if line["id"] == line_ref), 0)
        nodes = (node for refund in order["refunds"] for node in refund["refundLineItems"]["nodes"])
        return int(bought - sum(node["quantity"] for node in nodes if node["lineItem"]["id"] == line_ref))

    def _worth(self, order: dict[str, Any], line: dict[str, Any]) -> Decimal:
        known = next(item for item in order["lineItems"]["nodes"] if item["id"] == line["lineItemId"])
        return Decimal(known["originalUnitPriceSet"]["presentmentMoney"]["amount"]) * int(line["quantity"])

    def _ways(self, order: dict[str, Any], amount: Decimal) -> list[dict[str, Any]]:
        """The last payment gives back first, as much as it paid."""
        whole = order["totalPriceSet"]["presentmentMoney"]["amount"]
        found = []
        for number, (gateway, paid) in enumerate(self.payments.get(order["id"], [("shopify_payments", whole)])):
            share = min(amount, Decimal(paid))
            amount -= share
            parent = {"id": f"gid://shopify/OrderTransaction/{number + 1}"}
            sums = {"amountSet": self._money(order, share), "maximumRefundableSet": self._money(order, Decimal(paid))}
            found.append({"gateway": gateway, "parentTransaction": parent, **sums})
        return found

    def _money(self, order: dict[str, Any], amount: Decimal) -> dict[str, Any]:
        return {"presentmentMoney": {"amount": f"{amount:.2f}", "currencyCode": order["presentmentCurrencyCode"]}}

    def update(self, args: dict[str, Any]) -> dict[str, Any]:
        asked = args["input"]
        if len(asked.get("note") or "") > 5000:
            return {"order": None, "userErrors": [objection("Note is too long (maximum is 5000 characters)")]}
        self.orders[asked["id"]].update({name: value for name, value in asked.items() if name != "id"})
        return {"order": self.orders[asked["id"]], "userErrors": []}

    def tag(self, args: dict[str, Any]) -> dict[str, Any]:
        order = self.orders[args["id"]]
        order["tags"] = sorted({*order.get("tags", []), *args["tags"]})
        return {"node": {"id": args["id"]}, "userErrors": []}

    def discount(self, args: dict[str, Any]) -> dict[str, Any]:
        asked = args["basicCodeDiscount"]
        if asked["code"].lower() in self.discounts:
            return {"codeDiscountNode": None, "userErrors": [objection("Code must be unique. Please try a different code.", "TAKEN")]}
        made = {"id": self.gid("DiscountCodeNode"), "codeDiscount": dict(asked)}
        self.discounts[asked["code"].lower()] = made
        return {"codeDiscountNode": made, "userErrors": []}

    def scan(self, args: dict[str, Any]) -> dict[str, Any]:
        asked = args["fulfillmentEvent"]
        if asked["fulfillmentId"] not in self.scans:
            return {"fulfillmentEvent": None, "userErrors": [objection("Fulfillment does not exist.")]}
        made = {"id": self.gid("FulfillmentEvent"), **asked}
        self.scans[asked["fulfillmentId"]].append(made)
        return {"fulfillmentEvent": made, "userErrors": []}

    def fulfilment(self, gid: str) -> dict[str, Any] | None:
        return {"id": gid, "events": {"nodes": self.scans[gid]}} if gid in self.scans else None

    def can_go_back(self, gid: str) -> dict[str, Any]:
        items = [
            {"quantity": pieces, "fulfillmentLineItem": {"id": item, "lineItem": {"id": line}}}
            for item, (line, pieces) in self.returnable.get(gid, {}).items()
        ]
        return {"nodes": [{"returnableFulfillmentLineItems": {"nodes": items}}]}

    def open_return(self, asked: dict[str, Any], status: str) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/returnCreate"""
        known = self.returnable.get(asked["orderId"], {})
        for line in asked["returnLineItems"]:
            if line["quantity"] > known.get(line["fulfillmentLineItemId"], ("", 0))[1]:
                return {"return": None, "userErrors": [objection("Return line items has an invalid quantity.", "INVALID")]}
            if not line.get("returnReasonDefinitionId"):
                return {"return": None, "userErrors": [objection("Return line items needs a reason.", "BLANK")]}
        for line in asked["returnLineItems"]:
            ref, pieces = known[line["fulfillmentLineItemId"]]
            known[line["fulfillmentLineItemId"]] = (ref, pieces - line["quantity"])
        made: dict[str, Any] = {"id": self.gid("Return"), "name": f"#{len(self.returns) + 1}-R1", "status": status, "order": {"id": asked["orderId"]}}
        made["returnLineItems"] = {"nodes": [self._item(line, known[line["fulfillmentLineItemId"]][0]) for line in asked["returnLineItems"]]}
        made["reverseFulfillmentOrders"] = {"nodes": self._goods(made)}
        self.returns[made["id"]] = made
        self.told.append((TOPICS[status], self.webhook(made)))
        return {"return": made, "userErrors": []}

    def _item(self, line: dict[str, Any], line_ref: str) -> dict[str, Any]:
        words = {
            "customerNote": line.get("customerNote"),
            "returnReasonNote": line.get("returnReasonNote"),
            "returnReasonDefinition": {"name": "Otro"},
        }
        return {"id": self.gid("ReturnLineItem"), "quantity": line["quantity"], **words, "fulfillmentLineItem": {"lineItem": {"id": line_ref}}}

    def webhook(self, made: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/webhooks/latest : cancelled and closed ones are told by their numbers alone."""
        ref, order = made["id"], {"id": int(made["order"]["id"].rpartition("/")[2]), "admin_graphql_api_id": made["order"]["id"]}
        head = {"id": int(ref.rpartition("/")[2]), "admin_graphql_api_id": ref, "status": made["status"].lower()}
        if made["status"] in ("CANCELED", "CLOSED"):
            return {**head, "order_id": order["id"]}
        if made["status"] == "DECLINED":
            return {**head, "order": order, "decline": {"reason": "other", "note": made["declineNote"]}}
        return {
            **head,
            "order": order,
            "name": made["name"],
            "return_line_items": [] if self.bare else list(map(_told, made["returnLineItems"]["nodes"])),
        }

    def _goods(self, made: dict[str, Any]) -> list[dict[str, Any]]:
        items = [{"id": self.gid("ReverseFulfillmentOrderLineItem"), "totalQuantity": line["quantity"]} for line in made["returnLineItems"]["nodes"]]
        return [{"id": self.gid("ReverseFulfillmentOrder"), "lineItems": {"nodes": items}, "reverseDeliveries": {"nodes": []}}]

    def returns_of(self, order: str) -> dict[str, Any]:
        return {"nodes": [made for made in self.returns.values() if made.get("order", {}).get("id") == order]}

    def move(self, gid: str, before: str, status: str) -> dict[str, Any]:
        """`before`: the states from which it may go there."""
        found = self.returns.get(gid)
        if found is None or found["status"] not in before.split():
            return {"return": None, "userErrors": [objection(f"Return is not {before.lower()}.", "INVALID_STATE")]}
        found["status"] = status
        self.told.append((TOPICS[status], self.webhook(found)))
        return {"return": found, "userErrors": []}

    def remove(self, args: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/removeFromReturn : only of one that is open."""
        found = self.returns[args["returnId"]]
        if found["status"] != "OPEN":
            return {"return": None, "userErrors": [objection("Return is not open.", "INVALID_STATE")]}
        items = {item["id"]: item for item in found["returnLineItems"]["nodes"]}
        for asked in args["returnLineItems"]:
            items[asked["returnLineItemId"]]["quantity"] -= asked["quantity"]
        found["returnLineItems"]["nodes"] = [item for item in items.values() if item["quantity"]]
        self.told.append(("returns/update", {"admin_graphql_api_id": found["id"], "id": int(found["id"].rpartition("/")[2])}))
        return {"return": found, "userErrors": []}

    def decline(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.returns.get(asked["id"], {})["declineNote"] = asked.get("declineNote")
        return self.move(asked["id"], "REQUESTED", "DECLINED")

    def label(self, args: dict[str, Any]) -> dict[str, Any]:
        orders = [order for made in self.returns.values() for order in made["reverseFulfillmentOrders"]["nodes"]]
        order = next((order for order in orders if order["id"] == args["reverseFulfillmentOrderId"]), None)
        if order is None:
            return {"reverseDelivery": None, "userErrors": [objection("Reverse fulfillment order does not exist.", "NOT_FOUND")]}
        made = {"id": self.gid("ReverseDelivery"), "deliverable": {"tracking": args.get("trackingInput"), "label": args.get("labelInput")}}
        order["reverseDeliveries"]["nodes"].append(made)
        return {"reverseDelivery": made, "userErrors": []}


def _told(item: dict[str, Any]) -> dict[str, Any]:
    """An item of a return as webhooks tell it."""
    line = item["fulfillmentLineItem"]["lineItem"]["id"]
    held = {"line_item": {"id": int(line.rpartition("/")[2]), "admin_graphql_api_id": line}}
    words = {"return_reason": "other", "return_reason_note": item["returnReasonNote"], "customer_note": item["customerNote"]}
    return {"id": int(item["id"].rpartition("/")[2]), "fulfillment_line_item": held, "quantity": item["quantity"], **words}


TOPICS = {
    "REQUESTED": "returns/request", "OPEN": "returns/approve", "DECLINED": "returns/decline", "CLOSED": "returns/close", "CANCELED": "returns/cancel",
}  # fmt: skip
"""State -> the webhook that tells that a return came into it."""
REASONS = {
    "nodes": [
        {"id": "gid://shopify/ReturnReasonDefinition/1", "handle": "color", "deleted": False},
        {"id": "gid://shopify/ReturnReasonDefinition/2", "handle": "other", "deleted": False},
    ]
}
WRITTEN: dict[str, Callable[[ShopifyBooks, dict[str, Any]], Any]] = {
    "orderUpdate": ShopifyBooks.update,
    "tagsAdd": ShopifyBooks.tag,
    "codeDiscountNodeByCode": lambda books, args: books.discounts.get(args["code"].lower()),
    "discountCodeBasicCreate": ShopifyBooks.discount,
    "returnableFulfillments": lambda books, args: books.can_go_back(args["orderId"]),
    "returnReasonDefinitions": lambda books, args: REASONS,
    "returnCreate": lambda books, args: books.open_return(args["returnInput"], "OPEN"),
    "returnRequest": lambda books, args: books.open_return(args["input"], "REQUESTED"),
    "returnApproveRequest": lambda books, args: books.move(args["input"]["id"], "REQUESTED", "OPEN"),
    "removeFromReturn": ShopifyBooks.remove,
    "returnDeclineRequest": lambda books, args: books.decline(args["input"]),
    "returnClose": lambda books, args: books.move(args["id"], "OPEN", "CLOSED"),
    "returnCancel": lambda books, args: books.move(args["id"], "REQUESTED OPEN", "CANCELED"),
    "reverseDeliveryCreateWithShipping": ShopifyBooks.label,
    "fulfillment": lambda books, args: books.fulfilment(args["id"]),
    "fulfillmentEventCreate": ShopifyBooks.scan,
    "draftOrders": lambda books, args: books.swaps.tagged(args["query"]),
    "draftOrder": lambda books, args: books.swaps.drafts.get(args["id"]),
    "draftOrderCalculate": lambda books, args: books.swaps.calculate(args),
    "draftOrderCreate": lambda books, args: books.swaps.create(args),
    "draftOrderComplete": lambda books, args: books.swaps.complete(args),
    "draftOrderDelete": lambda books, args: books.swaps.delete(args),
    "orderCancel": lambda books, args: books.swaps.cancel(args),
    "customer": lambda books, args: books.swaps.customer(args["id"]),
    "storeCreditAccountCredit": lambda books, args: books.swaps.credit(args),
    "giftCards": lambda books, args: {"nodes": books.swaps.gift_cards},
    "giftCardCreate": lambda books, args: books.swaps.gift_card(args),
}
