"""Merchants' own texts: what they may say, and what they may never do."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postventa.config import LANGUAGES
from postventa.emails import problems, render, sandbox
from postventa.emails.facts import facts
from postventa.emails.foot import MERCHANT
from postventa.emails.layout import kit
from postventa.emails.preview import BRAND, ORDER, sample
from postventa.emails.sandbox import Facts, WordingError, fill
from postventa.emails.view import View
from postventa.emails.wording import names, shipped
from tests.scenarios import scenario

FACTS = {"first_name": "Ana", "carrier": None, "parcel_count": 2}

DANGEROUS = [
    "{% for i in (1..1000000000) %}x{% endfor %}",
    "{% include 'secret.key' %}",
    "{% render 'secret.key' %}",
    "{% assign a = first_name %}{% capture b %}{{ a }}{% endcapture %}",
    "{% tablerow i in (1..9) %}x{% endtablerow %}",
    "{% cycle 'a', 'b' %}{% increment x %}",
    "{{ ''.__class__.__mro__ }}",
    "{{ first_name | replace: 'a', 'aaaaaaaaaaaaaaaa' }}",
    "{{ first_name | split: '' | map: '__class__' }}",
    "{{ 'now' | date: '%s' }}",
    "{{ first_name | base64_encode }}",
    "{% liquid\n echo first_name\n%}",
    "{% if a %}" * 1500 + "{% endif %}" * 1500,
    "{%" * 9000,
    "{% " + "1" * 19000 + " %}",
    "{{ 'abcdefghij' }}" * 2000,
]


@scenario("S11", budget=30)
@pytest.mark.parametrize("source", DANGEROUS, ids=range(len(DANGEROUS)))
def test_nothing_that_repeats_grows_or_reads_is_let_through_and_it_is_told_at_once(source: str) -> None:
    started = time.thread_time()
    with pytest.raises(WordingError):
        fill(source, FACTS)
    assert time.thread_time() - started < 1, "seconds of the processor, whatever else it has to do"
    assert problems("body", source)


UNKNOWN = ["{{ first_name.__class__ }}", "{{ nobody.knows }}", "{{ first_name['__init__'] }}", "{{ carrier }}", "{{ settings.password }}"]


@scenario("S11", budget=30)
@pytest.mark.parametrize("source", UNKNOWN)
def test_what_is_unknown_is_blank_for_merchants(source: str) -> None:
    assert fill(source, FACTS) == ""


def test_what_is_unknown_in_our_own_texts_is_an_error() -> None:
    with pytest.raises(WordingError, match="frist_name"):
        fill("{{ frist_name }}", FACTS, strict=True)


def test_conditions_and_simple_filters_work_as_in_shopify() -> None:
    assert fill("{% if carrier %}Con {{ carrier }}{% else %}Ya{% endif %}", FACTS) == "Ya"
    assert fill("{{ first_name | upcase }}, {{ nobody | default: 'tú' }}", FACTS) == "ANA, tú"
    assert fill("{% case parcel_count %}{% when 1 %}uno{% when 2 %}dos{% endcase %}", FACTS) == "dos"


def test_merchants_words_replace_ours_part_by_part() -> None:
    mail = render(sample("shipped", wording={"subject": "¡Ya va, {{ first_name }}!", "body": "# Ya va\n\nHola **{{ first_name }}**\n\n[[parcels]]"}))
    assert mail.subject == "¡Ya va, Ana!"
    assert "<strong>Ana</strong>" in mail.html
    assert "Hola Ana" in mail.text
    assert "PQ4F6K0712345670141010T" in mail.text
    assert mail.preview == render(sample("shipped")).preview


def test_a_merchants_markup_is_text_like_any_other() -> None:
    mail = render(sample("shipped", wording={"body": "<b onclick=x()>Hola</b> & <script>1</script>"}))
    assert "&lt;b onclick=x()&gt;Hola&lt;/b&gt; &amp; &lt;script&gt;" in mail.html


def test_a_body_without_a_heading_takes_the_subject_and_a_second_heading_is_a_smaller_one() -> None:
    without = render(sample("shipped", wording={"body": "Hola"}))
    assert f"<h1>{without.subject}</h1>" in without.html
    twice = render(sample("shipped", wording={"body": "# Uno\n\n# Dos"}))
    assert twice.html.count("<h1>") == 1
    assert "<h2>Dos</h2>" in twice.html


UNUSABLE = [("body", "{% for x in y %}z{% endfor %}"), ("subject", "{{ broken"), ("body", "[[nonsense]]"), ("preview", "{% if %}")]


@pytest.mark.parametrize(("part", "text"), UNUSABLE)
def test_a_text_that_cannot_be_used_gives_way_to_ours_and_the_log_says_so(part: str, text: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        mail = render(sample("shipped", wording={part: text}))
    assert mail == render(sample("shipped"))
    assert "cannot be used" in caplog.text
    assert problems(part, text)


def test_texts_that_can_be_used_have_no_problems() -> None:
    assert problems("subject", "Tu pedido {{ order_number }}") == []
    assert problems("body", "# Hola\n\n[[button:Ver mi pedido]]\n\n{{ shop_name }}\n\n[[items]]") == []


BY_HAND = {**FACTS, "late": True, "early": False, "nothing": 0, "empty_text": "", "word": "si"}


def both_ways(source: str, known: Facts) -> tuple[str, str]:
    """(what `fill` makes of it, what Liquid makes of it)."""
    outcomes = []
    for by_hand in (sandbox._by_hand, lambda source, facts: None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sandbox, "_by_hand", by_hand)
            try:
                outcomes.append(fill(source, known))
            except WordingError as error:
                outcomes.append(f"refused: {error}")
    return outcomes[0], outcomes[1]


@pytest.mark.parametrize(
    "source",
    [
        "{{ first_name }}",
        "Hola, {{first_name}}: {{ parcel_count }} paquetes de {{ carrier }}.",
        "{{ first_name }}{{ nobody }}{{ late }} {{ early }}",
        "{ {{ first_name }} }",
        "{{ first_name }} }} y {{",
        "{{ first_name | upcase }}, {{ first_name }}",
        "{{- first_name -}} !",
        "{% if first_name %}{{ first_name }}{% endif %}",
        "{{ true }}{{ nil }}{{ blank }}{{ empty }}{{ false }}",
        "{{ first_name }}" * 200,
        "a {%- if late %} b {% endif -%} c",
        "a {% if early %} {% endif %} b {% if late %} {% endif %} c",
        "{% if late %}{% if early %}x{% endif %}y{% endif %}",
        "{% if first_name > 1 %}x{% endif %}",
        "{% if word == 'si' %}x{% endif %}{% if word == \"si\" and late %}y{% endif %}",
        "{% if and %}x{% endif %}",
        "{% if late %}x",
        "{% endif %}x",
        "{% if late %}a{% else %}b{% else %}c{% endif %}",
        "{% if late %}a{% else %}b{% elsif late %}c{% endif %}",
        "{% else %}x{% unless %}y{% endunless %}",
        "{% if early %}{{ and }}{% endif %}",
    ],
)
def test_what_is_filled_in_by_hand_reads_as_liquid_writes_it(source: str) -> None:
    by_hand, liquid = both_ways(source, BY_HAND)
    assert by_hand == liquid


TAGS = [
    *(f"{{% {tag} {name}{rest} %}}" for tag in ("if", "unless", "elsif") for name in BY_HAND for rest in ("", ' == "si"', " > 1")),
    *("{% else %}", "{% endif %}", "{% endunless %}") * 8,
]
PLACES = [f"{{{{ {name} }}}}" for name in (*BY_HAND, "nobody")]
WORDS = st.sampled_from(["a ", " ", "", "ñ\n", "b", *PLACES])
CHOICES = st.builds(
    lambda tag, condition, parts, last: f"{{% {tag} {condition} %}}{''.join(parts)}{last}{{% end{tag} %}}",
    st.sampled_from(["if", "unless"]),
    st.sampled_from([*BY_HAND, 'word == "si"', 'word == "no"', "parcel_count > 1", "parcel_count > 2", "nothing > 0", 'late == "si"']),
    st.lists(WORDS | st.sampled_from([tag for tag in TAGS if "elsif" in tag]), max_size=4),
    st.builds("{}{}".format, st.sampled_from(["", "{% else %}"]), WORDS),
)


CHANGES = st.dictionaries(st.sampled_from(list(BY_HAND)), st.sampled_from(list(BY_HAND.values())))


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS | CHOICES | st.sampled_from(TAGS), max_size=5), CHANGES)
def test_conditions_by_hand_decide_as_liquid_does(pieces: list[str], changes: dict[str, str | int | bool | None]) -> None:
    by_hand, liquid = both_ways("".join(pieces), BY_HAND | changes)
    assert by_hand == liquid


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_text_reads_by_hand_as_liquid_writes_it(language: str) -> None:
    for followup in names():
        ours = shipped(followup, language)
        for changes in ({}, {"parcels": (), "reason": "customer", "order": replace(ORDER, first_name="", lines=())}):
            known = facts(View(sample(followup, language, **changes), kit(BRAND.colour)))
            for source in (ours.subject, ours.preview, *(paragraph.words for paragraph in ours.body)):
                by_hand, liquid = both_ways(source, known)
                assert by_hand == liquid


def test_our_own_texts_need_no_liquid_on_the_way_to_a_customer() -> None:
    sources = [text for name in set(names()) - MERCHANT for w in [shipped(name, "es")] for text in (w.subject, w.preview, *(p.words for p in w.body))]
    assert [source for source in sources if sandbox._simple(source) is None] == []


def test_a_text_that_grows_too_long_is_refused_however_simple_it_is() -> None:
    with pytest.raises(WordingError):
        fill("{{ first_name }}" * 1200, {"first_name": "Ana " * 30})
    with pytest.raises(WordingError, match="too long"):
        fill("{{ first_name }}" * 2000, FACTS)
