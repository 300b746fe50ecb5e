"""Rules for returns: which of them decides what, and that none of them takes away what the law gives."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postventa.returns.policy import BadPolicy, Decision, Facts, LineFacts, Verdict, check, explain, read
from postventa.returns.policy.conditions import When
from postventa.returns.policy.document import Then
from postventa.returns.policy.law import DAYS
from postventa.returns.wish import Method, RefundWhen, Resolution
from tests.papers import ROOT, blocks, text_of

DELIVERED = datetime(2026, 3, 1, 10, tzinfo=UTC)
CUP = LineFacts("1", 1, "Taza", "10", "100", "TAZA", Decimal("20.00"), ("Tazas", "Rebajas"), ("Outlet", "Hecho a mano"), "Alba", "unwanted")
BOWL = replace(CUP, ref="2", product_ref="20", sku="CUENCO", categories=("Cuencos",), tags=())


def on_day(day: int, *lines: LineFacts, **changes: Any) -> Facts:
    """A return that is asked for so many days after the delivery."""
    facts = Facts(DELIVERED + timedelta(days=day), "Europe/Madrid", DELIVERED - timedelta(days=3), DELIVERED, "ES", lines=lines or (CUP,))
    return replace(facts, **changes)


def decided(document: dict[str, Any], facts: Facts) -> Decision:
    return explain(check(document).policy, facts)


def rule(then: dict[str, Any], when: dict[str, Any] | None = None, name: str = "regla") -> dict[str, Any]:
    return {"name": name, "when": when or {}, "then": then}


NO = {"decision": "reject", "why": "Lo rebajado no se devuelve."}


def test_without_rules_a_month_free_of_charge_and_the_money_when_it_is_back() -> None:
    (line,) = explain(check({}).policy, on_day(20)).lines
    assert (line.verdict, line.last_day, line.refund_when) == (Verdict.APPROVE, date(2026, 3, 31), RefundWhen.AT_ARRIVAL)
    assert line.fee_flat == line.fee_percent == 0
    assert {why.by for why in line.why} == {"default"}
    assert explain(check({}).policy, on_day(30)).verdict is Verdict.APPROVE
    (late,) = explain(check({}).policy, on_day(31)).lines
    assert (late.verdict, late.refusal) == (Verdict.REJECT, "window")


CONDITIONS = [
    ({"country": ["es"]}, True),
    ({"country": ["PT", "FR"]}, False),
    ({"product": ["TAZA"]}, True),
    ({"product": ["100", "x"]}, True),
    ({"product": ["20"]}, False),
    ({"category": ["rebajas"]}, True),
    ({"category": ["Cuencos"]}, False),
    ({"tag": ["OUTLET", "saldos"]}, True),
    ({"tag": ["out"]}, False),
    ({"not": {"tag": ["final-sale"]}}, True),
    ({"vendor": ["ALBA"]}, True),
    ({"price": {"from": 20}}, True),
    ({"price": {"to": "19.99"}}, False),
    ({"discount": {"from": 30}}, True),
    ({"discount": {"from": 30.5}}, False),
    ({"reason": ["unwanted"]}, True),
    ({"reason": ["defective"]}, False),
    ({"days": {"from": 20, "to": 20}}, True),
    ({"days": {"from": 21}}, False),
    ({"customer": ["7"]}, True),
    ({"customer": ["8"]}, False),
    ({"earlier_returns": {"from": 3}}, True),
    ({"earlier_returns": {"to": 2}}, False),
    ({"resolution": ["refund"]}, True),
    ({"method": ["pickup"]}, False),
    ({"any": [{"country": ["PT"]}, {"product": ["TAZA"]}]}, True),
    ({"any": [{"country": ["PT"]}, {"product": ["20"]}]}, False),
    ({"all": [{"country": ["ES"]}, {"not": {"product": ["20"]}}]}, True),
    ({"not": {"category": ["Rebajas"]}}, False),
    ({"country": ["ES"], "product": ["20"]}, False),
]


@pytest.mark.parametrize(("when", "applies"), CONDITIONS, ids=[str(when) for when, _ in CONDITIONS])
def test_a_rule_applies_where_all_its_conditions_hold(when: dict[str, Any], applies: bool) -> None:
    facts = on_day(20, discount=Decimal(30), customer_ref="7", earlier_returns=3, resolution="refund", method="printed_label")
    (line,) = decided({"rules": [rule({"bonus": 10}, when)]}, facts).lines
    assert line.bonus_percent == (10 if applies else 0)
    assert ("regla" in {why.by for why in line.why}) is applies


def test_for_each_action_the_first_rule_that_says_something_about_it_decides() -> None:
    first = rule({"bonus": 5}, {"category": ["Tazas"]}, "primera")
    second = rule({"bonus": 10, "fee": {"flat": "3.95"}, "methods": ["drop_off"]}, name="segunda")
    (line,) = decided({"cost_told": True, "rules": [first, second]}, on_day(25)).lines
    assert (line.bonus_percent, line.fee_flat, line.methods) == (Decimal(5), Decimal("3.95"), (Method.DROP_OFF,))
    assert {why.action: why.by for why in line.why if why.by != "default"} == {"bonus": "primera", "fee": "segunda", "methods": "segunda"}


def test_a_reason_stands_for_those_below_it() -> None:
    document = {"rules": [rule({"bonus": 10}, {"reason": ["size"]})]}
    for reason, bonus in (("size_small", 10), ("size", 10), ("colour", 0)):
        assert decided(document, on_day(20, replace(CUP, reason=reason))).lines[0].bonus_percent == bonus


def test_what_is_not_known_yet_is_left_to_a_person_and_never_refused() -> None:
    unknown = replace(CUP, categories=None)
    document = {"rules": [rule(NO, {"category": ["Rebajas"]})]}
    assert decided(document, on_day(25)).verdict is Verdict.REJECT
    assert decided(document, on_day(25, unknown)).verdict is Verdict.ASK
    assert decided({"rules": [rule(NO, {"category": ["Rebajas"], "country": ["PT"]})]}, on_day(25, unknown)).verdict is Verdict.APPROVE
    assert decided(document, on_day(5, unknown)).verdict is Verdict.APPROVE, "within the days of withdrawal there is nothing to decide"


def test_what_rules_ask_about_a_product_is_told_with_the_decision_known_or_not() -> None:
    document = {"rules": [rule(NO, {"any": [{"tag": ["final-sale"]}, {"not": {"vendor": ["Otra"]}}]})]}
    told = [decided(document, on_day(25, line)).lines[0] for line in (replace(CUP, vendor=""), replace(BOWL, vendor="Otra", tags=None))]
    assert [(one.condition, one.words) for one in told[0].asked] == [("tag", ("Outlet", "Hecho a mano")), ("vendor", ())]
    assert [(one.condition, one.words) for one in told[1].asked] == [("tag", None), ("vendor", ("Otra",))]
    assert [line.verdict for line in told] == [Verdict.REJECT, Verdict.ASK], "a tag that nobody knows refuses nobody"
    assert decided(document, on_day(25, BOWL)).document()[0]["asked"] == {"tag": [], "vendor": ["Alba"]}
    assert decided({"rules": [rule(NO, {"category": ["Tazas"]})]}, on_day(25)).lines[0].asked[0].condition == "category"
    assert decided({}, on_day(25)).lines[0].asked == ()


def test_a_delivery_that_nobody_told_of_ends_no_days() -> None:
    facts = on_day(200, delivered_at=None)
    assert decided({}, facts).verdict is Verdict.APPROVE
    late_only = {"rules": [rule(NO, {"days": {"from": 500}})]}
    assert decided(late_only, facts).verdict is Verdict.APPROVE, "it was bought after that"


@pytest.mark.parametrize(("day", "verdict"), [(0, Verdict.APPROVE), (14, Verdict.APPROVE), (18, Verdict.APPROVE), (19, Verdict.REJECT)])
def test_a_rule_refuses_nothing_that_can_be_withdrawn_from(day: int, verdict: Verdict) -> None:
    (line,) = decided({"rules": [rule(NO)]}, on_day(day)).lines
    assert line.verdict is verdict
    assert [why.by for why in line.why if why.action == "decision"][-1] == ("law" if verdict is Verdict.APPROVE else "regla")


def test_goods_that_the_law_excepts_may_be_refused_at_once_in_the_merchants_words() -> None:
    earrings = rule({**NO, "exemption": "sealed_hygiene"}, {"category": ["Tazas"]})
    (line,) = decided({"rules": [earrings]}, on_day(2)).lines
    assert (line.verdict, line.withdrawal, line.said) == (Verdict.REJECT, False, {"es": "Lo rebajado no se devuelve."})


def test_whoever_may_withdraw_gets_the_money_back_if_she_wants() -> None:
    document = {"rules": [rule({"resolutions": ["store_credit"], "photo": True})]}
    early, late = (decided(document, on_day(day)).lines[0] for day in (5, 25))
    assert (early.resolutions, early.photo) == ((Resolution.REFUND, Resolution.STORE_CREDIT), False)
    assert (late.resolutions, late.photo) == ((Resolution.STORE_CREDIT,), True)


FEES = [
    ("nobody was told of it", {}, 5, "unwanted", (0, 0)),
    ("it was told", {"cost_told": True}, 5, "unwanted", (Decimal("3.95"), 0)),
    ("after the days of withdrawal", {}, 25, "unwanted", (Decimal("3.95"), 10)),
    ("the shop's own fault", {"cost_told": True}, 25, "damaged", (0, 0)),
]


@pytest.mark.parametrize(("more", "day", "reason", "fee"), [row[1:] for row in FEES], ids=[row[0] for row in FEES])
def test_a_fee_is_taken_only_where_it_may_be(more: dict[str, Any], day: int, reason: str, fee: tuple[Any, Any]) -> None:
    document = {**more, "default": {"fee": {"flat": "3.95", "percent": 10}}}
    (line,) = decided(document, on_day(day, replace(CUP, reason=reason))).lines
    assert (line.fee_flat, line.fee_percent) == fee


def test_a_defect_after_the_days_for_returns_is_looked_at_by_a_person() -> None:
    broken = replace(CUP, reason="broken")
    assert decided({"rules": [rule(NO)]}, on_day(25, broken)).verdict is Verdict.ASK
    assert decided({}, on_day(400, broken)).verdict is Verdict.ASK
    assert decided({}, on_day(1200, broken)).verdict is Verdict.REJECT


def test_lines_together_have_what_all_of_them_have() -> None:
    document = {
        "destinations": {"norte": {"name": "Almacén", "street": "C/ Uno 1", "postcode": "48001", "city": "Bilbao"}},
        "rules": [rule({"methods": ["pickup"], "refund_when": "after_inspection", "destination": "norte"}, {"product": ["CUENCO"]})],
    }
    both = decided(document, on_day(20, CUP, BOWL))
    assert (both.methods, both.refund_when, both.verdict) == ((), RefundWhen.AFTER_INSPECTION, Verdict.ASK)


def test_keeping_it_is_offered_only_where_something_is_paid_for_that() -> None:
    wanted = {"resolutions": ["refund", "keep_item"]}
    assert Resolution.KEEP_ITEM not in decided({"default": wanted}, on_day(20)).resolutions
    assert Resolution.KEEP_ITEM in decided({"default": {**wanted, "keep": 30}}, on_day(20)).resolutions


@given(st.integers(0, DAYS), st.sampled_from(["reject", "ask", "approve"]), st.sampled_from([[], ["ES"], ["PT"]]), st.booleans())
def test_no_rule_whatever_refuses_within_fourteen_days(day: int, decision: str, country: list[str], known: bool) -> None:
    facts = on_day(day, CUP if known else replace(CUP, categories=None))
    document = {"rules": [rule({"decision": decision, "resolutions": ["repair"]}, {"country": country, "category": ["Rebajas"]})]}
    (line,) = decided(document, facts).lines
    assert line.verdict is not Verdict.REJECT
    assert Resolution.REFUND in line.resolutions


WRONG = [
    ('[[rules]]\nname = "Zapatos"\nthen = { windows = 30 }', 'rules.0.then.windows ("Zapatos"): unknown name'),
    ('[[rules]]\nname = "Zapatos"\nthen = { window = 7 }', "at least 14 days: a rule may not narrow the consumer's withdrawal (got 7)"),
    ('[[rules]]\nname = "Zapatos"\nthen = { fee = { percent = 120 } }', "rules.0.then.fee.percent"),
    ('[[rules]]\nname = "Zapatos"\nthen = {}', "the rule does nothing"),
    ('[[rules]]\nname = "Zapatos"\nwhen = { reason = ["ugly"] }\nthen = { bonus = 5 }', '"ugly" is no reason; there are broken, '),
    ('[[rules]]\nname = "Zapatos"\nwhen = { customer = ["ana@cliente.example"] }\nthen = { bonus = 5 }', "rules keep nobody's address"),
    ('[[rules]]\nname = "Zapatos"\nwhen = { price = { from = 9, to = 3 } }\nthen = { bonus = 5 }', "nothing lies from 9 to 3"),
    ('[[rules]]\nname = "Zapatos"\nwhen = { any = [{}] }\nthen = { bonus = 5 }', "says nothing: leave it out"),
    ('[default]\ndestination = "norte"', 'default: destination "norte" stands not in [destinations]'),
    ('kinds = { hats = ["Gorros"] }', '"hats" is none of clothing'),
    ("rules = 5 5", "not readable as TOML or JSON"),
    ("{", "not readable as TOML or JSON"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said[:30] for _, said in WRONG])
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        read(text, "returns.toml")
    assert all(str(problem).startswith("returns.toml: ") for problem in refused.value.problems)
    assert said in str(refused.value)


def test_what_a_rule_cannot_do_is_said_beforehand() -> None:
    warned = read('[[rules]]\nname = "Rebajas"\nthen = { decision = "reject", fee = { flat = "2.50" } }').warnings
    assert [str(line).partition(": ")[2].partition(",")[0] for line in warned] == [
        "refuses", "say why with `why`", "its fee is not taken within 14 days",
    ]  # fmt: skip
    later = '[[rules]]\nname = "Tarde"\nwhen = { days = { from = 19 } }\nthen = { decision = "reject", why = "Fuera de plazo" }'
    assert read(later).warnings == ()


def test_the_guides_example_can_be_used_and_needs_no_warning() -> None:
    (example,) = (block.text for block in blocks(text_of(ROOT / "docs/returns.md")) if block.language == "toml")
    checked = read(example)
    assert (len(checked.policy.rules), checked.warnings) == (4, ())


@pytest.mark.parametrize("part", [When, Then])
def test_every_condition_and_action_stands_in_the_guide(part: type[When] | type[Then]) -> None:
    named = re.findall(r"^\| `(\w+)` \|", text_of(ROOT / "docs/returns.md"), re.MULTILINE)
    assert {name for name in part.model_fields if not name.endswith("_")} <= set(named)


def test_a_policy_survives_being_stored() -> None:
    text = """
        cost_told = true
        [[rules]]
        name = "Rebajas"
        when = { not = { any = [{ category = ["Rebajas"] }, { price = { to = 9.95 } }] } }
        then = { decision = "ask", fee = { percent = 12.5 }, why = { en = "Let us look." } }
    """
    policy = read(text).policy
    assert check(policy.document()).policy == policy
