"""Twenty Shopify orders of 3 to 15 KB, the same every time, as texts in which only order, buyer and time are left open.

Field names and nesting follow https://shopify.dev/docs/api/admin-rest/latest/resources/order; all people and shops are invented.
"""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from typing import Any

COUNT, SEED = 20, 7
MARKS = re.compile(r"@(id|buyer|number|email|time)@")
"""What is left open: the order's id, its buyer's id, its number, the buyer's address, and the time (ISO 8601)."""
PEOPLE = (
    ("Zoë", "Müller", "Bahnhofstraße 12", "Köln", "50667", "DE", "Germany", "NW"),
    ("Liam", "O'Connor", "4 Harbour Row", "Galway", "H91 E2K3", "IE", "Ireland", "G"),
    ("Aiko", "Tanaka", "神宮前 3-1-2", "東京", "150-0001", "JP", "Japan", "13"),
    ("Inês", "Gonçalves", "Rua do Século 88, 2º Esq.", "Lisboa", "1200-435", "PT", "Portugal", "11"),
    ("Sam", "Carter", "1180 W Maple Ave Apt 4B", "Portland", "97205", "US", "United States", "OR"),
    ("Noah", "Brzęczyszczykiewicz", "ul. Długa 5/7", "Kraków", "31-146", "PL", "Poland", "MA"),
    ("Amélie", "Dubois", "3 bis rue de l'Échiquier", "Paris", "75010", "FR", "France", "IDF"),
    ("Priya", "Ramanathan", "22/A, 4th Cross, Indiranagar", "Bengaluru", "560038", "IN", "India", "KA"),
)
GOODS = (
    ("Merino Crew Sweater", "Fjell & Co", ("S / Oat", "M / Oat", "L / Forest"), "89.00", 420),
    ("Cold Brew Bottle 750 ml", "Kaffeewerk", ("Glass", "Steel"), "24.50", 610),
    ("Linen Duvet Cover – Queen", "Nordlys", ("Sand", "Slate", "Écru"), "149.00", 1850),
    ("Trail Running Socks (3-pack)", "Strada", ("EU 39-42", "EU 43-46"), "19.95", 140),
    ("Ceramic Pour-Over Set “Hasami”", "Kaffeewerk", ("White", "Black"), "58.00", 980),
    ("Beeswax Candle <Large>", "Apis", ("Unscented", "Fir & Cedar"), "32.00", 540),
    ("Notebook A5, dotted", "Papier 54", ("Blue", "Rust", "Olive"), "14.00", 310),
    ("Kids' Rain Jacket", "Fjell & Co", ("104", "110", "116"), "64.90", 380),
)
CURRENCIES = {"US": "USD", "JP": "JPY", "PL": "PLN", "IN": "INR"}
Line = tuple[str, str, str, Decimal, int, int]
"""Title, vendor, variant, price, grams, quantity."""


def texts() -> list[str]:
    """All of them, from the smallest to the largest."""
    return [text(index) for index in range(COUNT)]


def text(index: int) -> str:
    """One order as JSON with its marks (`MARKS`); a number that is marked stands without quotes."""
    order = json.dumps(_Maker(index).order(), separators=(",", ":"), ensure_ascii=False)
    return re.sub(r'"(@(?:id|buyer|number)@)"', r"\1", order)


class _Maker:
    """The index decides about everything: the number of lines grows with it, so that sizes cover the whole range."""

    def __init__(self, index: int) -> None:
        self.rng = random.Random(SEED * 1000 + index)
        self.weight = index / (COUNT - 1)
        self.person = self.rng.choice(PEOPLE)
        self.currency = CURRENCIES.get(self.person[5], "EUR")

    def number(self, digits: int) -> int:
        return self.rng.randrange(10 ** (digits - 1), 10**digits)

    def token(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def both(self, value: Decimal) -> dict[str, Any]:
        amount = {"amount": f"{value:.2f}", "currency_code": self.currency}
        return {"shop_money": amount, "presentment_money": dict(amount)}

    def tax(self, value: Decimal) -> list[dict[str, Any]]:
        part = value * Decimal("0.19")
        return [{"channel_liable": False, "price": f"{part:.2f}", "price_set": self.both(part), "rate": 0.19, "title": "VAT"}]

    def lines(self) -> list[Line]:
        picked = []
        for _ in range(1 + round(self.weight * 8)):
            title, vendor, variants, price, grams = self.rng.choice(GOODS)
            picked.append((title, vendor, self.rng.choice(variants), Decimal(price), grams, self.rng.choice((1, 1, 1, 2, 3))))
        return picked

    def order(self) -> dict[str, Any]:
        lines, full = self.lines(), self.weight > 0.15
        subtotal = sum((price * quantity for *_, price, _, quantity in lines), Decimal(0))
        made = {**self.head(), **self.sums(subtotal), "customer": self.customer(), "line_items": [self.line(line, full) for line in lines]}
        made |= self.whole(subtotal) if full else {"shipping_address": None, "billing_address": None}
        return made | (self.extras() if self.weight > 0.6 else {})

    def head(self) -> dict[str, Any]:
        shop = f"https://load-test.example/{self.number(10)}/orders/{self.token()}"
        return {
            "id": "@id@", "admin_graphql_api_id": "gid://shopify/Order/@id@", "app_id": 580111, "browser_ip": "203.0.113.7",
            "buyer_accepts_marketing": self.rng.random() < 0.4, "cancel_reason": None, "cancelled_at": None, "cart_token": self.token(),
            "checkout_id": self.number(14), "checkout_token": self.token(), "client_details": {
                "accept_language": "en-GB", "browser_height": None, "browser_ip": "203.0.113.7", "browser_width": None, "session_hash": None,
                "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"},
            "closed_at": None, "confirmation_number": f"{self.rng.getrandbits(36):09X}", "confirmed": True, "contact_email": "@email@",
            "created_at": "@time@", "currency": self.currency, "customer_locale": "en-GB", "device_id": None, "discount_codes": [],
            "email": "@email@", "estimated_taxes": False, "financial_status": "paid", "fulfillment_status": None,
            "landing_site": "/products/sweater?utm_source=newsletter&utm_campaign=autumn", "location_id": None, "name": "#@number@", "note": None,
            "note_attributes": [], "number": "@number@", "order_number": "@number@",
            "order_status_url": f"{shop}/authenticate?key={self.token()}", "payment_gateway_names": ["shopify_payments"], "phone": None,
            "presentment_currency": self.currency, "processed_at": "@time@", "reference": None, "referring_site": "https://search.example/",
            "source_name": "web", "tags": "", "tax_exempt": False, "taxes_included": True, "test": False, "token": self.token(),
            "updated_at": "@time@", "user_id": None,
        }  # fmt: skip

    def sums(self, subtotal: Decimal) -> dict[str, Any]:
        total, tax = f"{subtotal + Decimal('6.90'):.2f}", f"{subtotal * Decimal('0.19'):.2f}"
        return {
            "current_subtotal_price": f"{subtotal:.2f}", "current_total_discounts": "0.00", "current_total_price": total, "current_total_tax": tax,
            "subtotal_price": f"{subtotal:.2f}", "total_discounts": "0.00", "total_line_items_price": f"{subtotal:.2f}", "total_outstanding": "0.00",
            "total_price": total, "total_tax": tax, "total_tip_received": "0.00", "total_weight": 1200,
        }  # fmt: skip

    def customer(self) -> dict[str, Any]:
        return {
            "id": "@buyer@", "email": "@email@", "created_at": "@time@", "updated_at": "@time@", "first_name": self.person[0],
            "last_name": self.person[1], "state": "disabled", "note": None, "verified_email": True, "multipass_identifier": None,
            "tax_exempt": False, "phone": None, "currency": self.currency, "tax_exemptions": [],
            "email_marketing_consent": {"state": "not_subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": None},
            "sms_marketing_consent": None, "tags": "",
        }  # fmt: skip

    def line(self, line: Line, full: bool) -> dict[str, Any]:
        title, vendor, variant, price, grams, quantity = line
        ref = self.number(14)
        item = {
            "id": ref, "current_quantity": quantity, "fulfillable_quantity": quantity, "fulfillment_service": "manual", "fulfillment_status": None,
            "gift_card": False, "grams": grams, "name": f"{title} - {variant}", "price": f"{price:.2f}", "product_exists": True,
            "product_id": self.number(13), "properties": [], "quantity": quantity, "requires_shipping": True,
            "sku": f"{vendor[:3].upper()}-{self.number(5)}", "taxable": True, "title": title, "total_discount": "0.00",
            "variant_id": self.number(14), "variant_title": variant, "vendor": vendor,
        }  # fmt: skip
        more = {
            "admin_graphql_api_id": f"gid://shopify/LineItem/{ref}", "attributed_staffs": [], "price_set": self.both(price),
            "total_discount_set": self.both(Decimal(0)), "variant_inventory_management": "shopify", "tax_lines": self.tax(price * quantity),
            "duties": [], "discount_allocations": [],
        }  # fmt: skip
        return item | (more if full else {})

    def address(self) -> dict[str, Any]:
        first, last, street, city, code, country_code, country, province = self.person
        return {
            "first_name": first, "address1": street, "phone": "+15550100", "city": city, "zip": code, "province": province, "country": country,
            "last_name": last, "address2": None, "company": None, "latitude": 41.1, "longitude": -8.6, "name": f"{first} {last}",
            "country_code": country_code, "province_code": province,
        }  # fmt: skip

    def whole(self, subtotal: Decimal) -> dict[str, Any]:
        shipping = Decimal("6.90")
        way: dict[str, Any] = {
            "id": self.number(13), "carrier_identifier": None, "code": "Standard", "discounted_price": f"{shipping:.2f}", "phone": None,
            "price": f"{shipping:.2f}", "price_set": self.both(shipping), "source": "shopify", "title": "Standard", "tax_lines": [],
            "discount_allocations": [],
        }  # fmt: skip
        return {
            "billing_address": self.address(), "shipping_address": self.address(), "current_subtotal_price_set": self.both(subtotal),
            "current_total_price_set": self.both(subtotal + shipping), "current_total_tax_set": self.both(subtotal * Decimal("0.19")),
            "total_shipping_price_set": self.both(shipping), "total_price_set": self.both(subtotal + shipping), "tax_lines": self.tax(subtotal),
            "fulfillments": [], "payment_terms": None, "refunds": [], "shipping_lines": [way],
        }  # fmt: skip

    def extras(self) -> dict[str, Any]:
        return {
            "note": "Please leave with the neighbour; the bell is broken.\nMerci — à bientôt! 🎁",
            "note_attributes": [{"name": "gift_wrap", "value": "yes"}, {"name": "message", "value": 'Happy birthday, "Jo" & family'}],
            "discount_codes": [{"code": "AUTUMN10", "amount": "10.00", "type": "fixed_amount"}],
        }
