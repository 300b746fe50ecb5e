"""Our operations against the schema that Shopify publishes: a field that went away is found here and not in a shop."""

from __future__ import annotations

import pytest

from connectors.shops.shopify.admin_api import may_be_repeated
from tests.connectors.shops.operations import beginnings, in_code, objections, scopes_of

pytest.importorskip("graphql", reason="graphql-core is not installed")
OPERATIONS = in_code()
TAKES = {
    "Check": set(),
    "Shop": set(),
    "Parcels": {"read_orders"},
    "Order": {"read_customers", "read_orders", "read_products"},
    "Changed": {"read_orders"},
    "History": {"read_orders"},
    "Standing": set(),
    "Product": {"read_draft_orders", "read_orders", "read_products"},
    "Webhooks": set(),
    "WebhookAdd": set(),
    "WebhookChange": set(),
    "WebhookRemove": set(),
    "Return": {"read_orders", "read_returns"},
    "OrderNote": {"read_orders"},
    "OrderNoteSet": {"read_orders", "write_orders"},
    "TagsAdd": set(),
    "RefundSuggestion": {"read_locations", "read_orders"},
    "Refunds": {"read_orders"},
    "RefundCreate": {"read_orders"},
    "Discount": {"read_discounts"},
    "DiscountCreate": {"read_discounts", "write_discounts"},
    "Returnable": {"read_orders", "read_returns"},
    "Returns": {"read_orders", "read_returns"},
    "ReturnCreate": {"read_returns", "write_returns"},
    "ReturnRequest": {"read_returns", "write_returns"},
    "ReturnStatus": {"read_returns"},
    "ReturnGoods": {"read_returns", "read_orders"},
    "ReturnRemove": {"read_returns", "write_returns"},
    "ReturnApprove": {"read_returns", "write_returns"},
    "ReturnDecline": {"read_returns", "write_returns"},
    "ReturnClose": {"read_returns", "write_returns"},
    "ReturnCancel": {"read_returns", "write_returns"},
    "ReturnLabel": {"read_returns", "write_returns"},
    "Scans": {"read_orders"},
    "ExchangeOf": {"read_customers", "read_orders"},
    "DraftCalculate": {"read_draft_orders", "write_draft_orders"},
    "Drafts": {"read_draft_orders", "read_orders"},
    "DraftState": {"read_draft_orders", "read_orders"},
    "DraftCreate": {"read_draft_orders", "read_orders", "write_draft_orders"},
    "DraftComplete": {"read_draft_orders", "read_orders", "write_draft_orders"},
    "DraftDelete": {"write_draft_orders"},
    "OrderState": {"read_orders"},
    "OrdersTagged": {"read_orders"},
    "OrderCancel": {"read_orders", "write_orders"},
    "CreditOf": {"read_customers", "read_orders"},
    "StoreCredits": {"read_customers", "read_store_credit_account_transactions", "read_store_credit_accounts"},
    "StoreCreditAdd": {"read_store_credit_account_transactions", "write_store_credit_account_transactions"},
    "GiftCards": {"read_gift_cards"},
    "GiftCardCreate": {"read_gift_cards", "write_gift_cards"},
    "Variants": {"read_draft_orders", "read_orders", "read_products"},
    "Search": {"read_draft_orders", "read_orders", "read_products"},
    "ScanAdd": {"read_orders", "write_fulfillments"},
}
"""Operation -> the scopes of ours that it takes by Shopify's list; README.md of the connector says the same, and that `TagsAdd` and `RefundCreate`
take `write_orders`, which the list leaves out."""


def test_operations_stand_in_two_files_and_all_of_them_are_known() -> None:
    found = list(beginnings())
    assert {file for file, _ in found} == {"connectors/shops/shopify/mutations.py", "connectors/shops/shopify/queries.py"}
    assert sorted(name for _, name in found) == sorted(OPERATIONS) == sorted(TAKES), "each once, and none is forgotten here"


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_asks_for_what_there_is_and_for_nothing_that_is_going_away(name: str) -> None:
    assert objections(OPERATIONS[name]) == []


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_takes_the_scopes_that_we_say(name: str) -> None:
    ours = set().union(*TAKES.values())
    assert {scope for wanted in scopes_of(OPERATIONS[name]) for scope in wanted & ours} == TAKES[name]
    assert all(wanted & TAKES[name] for wanted in scopes_of(OPERATIONS[name])), "nothing else is needed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("query A { shop { nombre } }", "Cannot query field 'nombre'"),
        ("query A($id: ID!) { customer(id: $id) { email } }", "is deprecated"),
        ("mutation A($i: RefundInput!) { refundCreate(input: $i) { userErrors { message } } }", "needs @idempotent"),
        ("mutation A($i: ReturnRefundInput!) { returnRefund(returnRefundInput: $i) { userErrors { message } } }", "is deprecated"),
        ("query A { orders(first: $n) { nodes { id } } }", "is not defined"),
    ],
)
def test_what_is_wrong_with_an_operation_is_found(text: str, said: str) -> None:
    assert any(said in objection for objection in objections(text))


def test_a_change_is_repeated_only_with_a_key() -> None:
    keyed = "mutation A($i: RefundInput!, $key: String!) { refundCreate(input: $i) @idempotent(key: $key) { userErrors { message } } }"
    assert objections(keyed) == []
    assert may_be_repeated(keyed)
    assert may_be_repeated(OPERATIONS["Order"])
    assert not any(may_be_repeated(OPERATIONS[name]) for name in ("WebhookAdd", "WebhookChange", "WebhookRemove"))
