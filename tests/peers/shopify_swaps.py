"""What a Shopify shop makes of drafts, gift cards and store credit: totals with their taxes, stock that goes down, and every duplicate kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

ZERO, CENT = Decimal(0), Decimal("0.01")
GONE = {"field": ["id"], "message": "Draft order does not exist", "code": None}


@dataclass
class Goods:
    """A variant: its price, what tax is on it, and how many there are."""

    price: str
    stock: int = 5
    rate: str = "0.21"


@dataclass
class ShopifySwaps:
    """`taxed`: whether prices have the tax in them. `cards`: whether plan and rights allow gift cards. `cancels`: whether cancelling is done at once.

    `accounts`: customer -> what was credited. `dearer`: what every draft costs more than was reckoned a moment ago. `at`: when all of it happens.
    """

    orders: dict[str, dict[str, Any]]
    variants: dict[str, Goods] = field(default_factory=dict)
    taxed: bool = True
    currency: str = "EUR"
    cards: bool = True
    cancels: bool = True
    dearer: Decimal = ZERO
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gift_cards: list[dict[str, Any]] = field(default_factory=list)
    at: str = "2026-11-03T12:00:00Z"
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(6001))

    def calculate(self, args: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/draftOrderCalculate"""
        asked = args["input"]
        wrong = self._wrong(asked)
        if wrong:
            return {"calculatedDraftOrder": None, "userErrors": [_no(wrong)]}
        goods, total = self._totals(asked)
        sums = {"subtotalPriceSet": self._money(goods), "totalPriceSet": self._money(total)}
        return {"calculatedDraftOrder": {"taxesIncluded": self.taxed, **sums}, "userErrors": []}

    def create(self, args: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/draftOrderCreate"""
        asked = args["input"]
        wrong = self._wrong(asked)
        if wrong:
            return {"draftOrder": None, "userErrors": [_no(wrong)]}
        number = next(self._ids)
        gid, total = f"gid://shopify/DraftOrder/{number}", self._totals(asked)[1] + self.dearer
        link = f"https://zapateria-lola.example/1/invoices/{number:032x}"
        shown = {"tags": sorted(asked["tags"]), "customAttributes": asked.get("customAttributes", []), "invoiceUrl": link, "order": None}
        self.drafts[gid] = {"id": gid, "name": f"#D{number}", "totalPriceSet": self._money(total), "asked": asked, **shown}
        return {"draftOrder": self.drafts[gid], "userErrors": []}

    def complete(self, args: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/draftOrderComplete : it counts as paid, whoever paid."""
        draft = self.drafts.get(args["id"])
        if draft is None or draft["order"]:
            return {"draftOrder": None, "userErrors": [GONE if draft is None else _no("This order has been paid")]}
        self.pay(draft["id"])
        return {"draftOrder": draft, "userErrors": []}

    def pay(self, gid: str) -> dict[str, Any]:
        """The draft becomes an order; at its link a customer does the same."""
        draft, number = self.drafts[gid], next(self._ids)
        for line in draft["asked"]["lineItems"]:
            self.variants[line["variantId"]].stock -= line["quantity"]
        made = {
            "id": f"gid://shopify/Order/{number}", "name": f"#{number}", "cancelledAt": None, "displayFulfillmentStatus": "UNFULFILLED",
            "totalPriceSet": draft["totalPriceSet"], "tags": draft["tags"], "asked": draft["asked"], "customAttributes": draft["customAttributes"],
        }  # fmt: skip
        self.orders[made["id"]] = draft["order"] = made
        return made

    def delete(self, args: dict[str, Any]) -> dict[str, Any]:
        gid = args["input"]["id"]
        known = self.drafts.pop(gid, None)
        return {"deletedId": gid if known else None, "userErrors": [] if known else [GONE]}

    def cancel(self, args: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderCancel : a job of its own does it."""
        order = self.orders[args["orderId"]]
        if self.cancels:
            order["cancelledAt"] = self.at
            for line in order["asked"]["lineItems"] if args["restock"] else ():
                self.variants[line["variantId"]].stock += line["quantity"]
        return {"job": {"id": "gid://shopify/Job/1"}, "userErrors": []}

    def tagged(self, query: str) -> dict[str, Any]:
        """`tag:'...'`; as the real search does it, what begins alike is found too."""
        tag = query.removeprefix("tag:'").removesuffix("'")
        return {"nodes": [draft for draft in reversed(self.drafts.values()) if any(one.startswith(tag[:8]) for one in draft["tags"])]}

    def credit(self, args: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/storeCreditAccountCredit"""
        asked = args["creditInput"]
        if asked["creditAmount"]["currencyCode"] != self.currency:
            no = _no("The currency provided does not match the currency of the store credit account", "MISMATCHING_CURRENCY")
            return {"storeCreditAccountTransaction": None, "userErrors": [no]}
        return {"storeCreditAccountTransaction": self.credited(args["id"], asked["creditAmount"], asked.get("expiresAt")), "userErrors": []}

    def credited(self, customer: str, amount: dict[str, Any], ends: str | None = None) -> dict[str, Any]:
        made = {
            "id": f"gid://shopify/StoreCreditAccountCreditTransaction/{next(self._ids)}",
            "createdAt": self.at,
            "expiresAt": ends,
            "amount": amount,
        }
        self.accounts.setdefault(customer, []).append(made)
        return made

    def customer(self, gid: str) -> dict[str, Any]:
        moves = list(reversed(self.accounts.get(gid, [])))
        return {"storeCreditAccounts": {"nodes": [{"transactions": {"nodes": moves}}] if moves else []}}

    def gift_card(self, args: dict[str, Any]) -> dict[str, Any]:
        """https://shopify.dev/docs/api/admin-graphql/latest/mutations/giftCardCreate"""
        asked = args["input"]
        code = asked["code"].lower()
        if not self.cards:
            return {"giftCard": None, "userErrors": [_no("Gift cards are not available on this plan", "INVALID")]}
        if not (8 <= len(code) <= 20 and code.isalnum()):
            return {"giftCard": None, "userErrors": [_no("Code is invalid", "INVALID")]}
        if any(card["code"] == code for card in self.gift_cards):
            return {"giftCard": None, "userErrors": [_no("Code has already been taken", "TAKEN")]}
        made = {**asked, "id": f"gid://shopify/GiftCard/{next(self._ids)}", "code": code}
        self.gift_cards.append(made)
        return {"giftCard": {"id": made["id"]}, "userErrors": []}

    def _wrong(self, asked: dict[str, Any]) -> str:
        missing = [line["variantId"] for line in asked["lineItems"] if line["variantId"] not in self.variants]
        if missing:
            return f"Product with ID {missing[0].rpartition('/')[2]} is no longer available."
        return "" if asked.get("presentmentCurrencyCode") == self.currency else "Presentment currency is not enabled"

    def _totals(self, asked: dict[str, Any]) -> tuple[Decimal, Decimal]:
        """(goods after the discount, all of it): a discount is shared out over the lines, and their taxes are rounded one by one."""
        lines = [(self.variants[line["variantId"]], line["quantity"]) for line in asked["lineItems"]]
        prices = [Decimal(goods.price) * pieces for goods, pieces in lines]
        whole, off = sum(prices, ZERO), ZERO
        if asked.get("appliedDiscount"):
            off = min(Decimal(asked["appliedDiscount"]["amountWithCurrency"]["amount"]), whole)
        shares = [(off * price / whole).quantize(CENT, ROUND_HALF_UP) for price in prices[:-1]]
        shares.append(off - sum(shares, ZERO))
        nets = [price - share for price, share in zip(prices, shares, strict=True)]
        taxes = [(net * Decimal(goods.rate)).quantize(CENT, ROUND_HALF_UP) for net, (goods, _) in zip(nets, lines, strict=True)]
        return sum(nets, ZERO), sum(nets, ZERO) + (ZERO if self.taxed else sum(taxes, ZERO))

    def _money(self, amount: Decimal) -> dict[str, Any]:
        return {"presentmentMoney": {"amount": f"{amount:.2f}", "currencyCode": self.currency}}


def _no(message: str, code: str | None = None) -> dict[str, Any]:
    return {"field": None, "message": message, "code": code}
