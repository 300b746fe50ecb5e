"""Facts in the papers that would go stale first: follow-ups, topics, mails to switch off, states, words, the drawing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest

from connectors.shops import SHOPS
from connectors.shops.base import Ignored
from postventa.emails.blocks import BLOCKS
from postventa.emails.facts import facts
from postventa.emails.layout import kit
from postventa.emails.preview import sample
from postventa.emails.sandbox import FILTERS
from postventa.emails.view import View
from postventa.events import Step
from postventa.followups import FOLLOWUPS
from postventa.followups.base import FollowUp
from postventa.locale import languages
from postventa.models import State
from tests import papers
from tests.papers import ROOT, rows, sections, spans, text_of, word

ENGLISH, SPANISH = (text_of(ROOT / name) for name in ("README.md", "README.es.md"))
CONNECT, OPERATE, WORDING = (text_of(ROOT / f"docs/{name}.md") for name in ("connect", "operations", "wording"))


def test_both_readmes_have_the_same_sections_commands_and_links() -> None:
    assert [level for level, _ in papers.headings(ENGLISH)] == [level for level, _ in papers.headings(SPANISH)]
    assert papers.blocks(ENGLISH) == papers.blocks(SPANISH)
    assert outward(ENGLISH) == outward(SPANISH)
    for english, spanish in zip(sections(ENGLISH).values(), sections(SPANISH).values(), strict=True):
        assert len(bullets(english)) == len(bullets(spanish))
        assert len(rows(english)) == len(rows(spanish))


def outward(text: str) -> list[str]:
    """A paper that there is in Spanish too counts as the same."""
    other = {"README.md", "README.es.md", "docs/journey.svg", "docs/journey.es.svg"}
    return [link.replace(".es.md", ".md") for link in papers.links(text) if link not in other]


def bullets(text: str) -> list[str]:
    return re.findall(r"^- ", text, re.MULTILINE)


def test_the_readmes_count_right() -> None:
    (shown,) = (block.text for block in papers.blocks(ENGLISH) if block.language == "text")
    expected, sent, orders = (lines(name) for name in ("expected", "timeline", "orders"))
    mails = sum(1 for line in expected if line.split("\t")[3] in ("mail", "alert") and line.split("\t")[5] == "done")
    labels = sum(1 for line in expected if line.split("\t")[3] == "label")
    for words in (f"{len(sent)} recibidos", f"{mails} de {len(orders)} pedidos", f"{len(languages())} idiomas", f"{labels} de devolución"):
        assert words in shown, words
    assert f"{len(expected)} de {len(expected)}" in shown
    assert (len(FOLLOWUPS), len(orders), len(languages())) == (28, 16, 9)


def lines(name: str) -> list[str]:
    """What the demonstration plays and expects."""
    return [line for line in text_of(ROOT / f"postventa/demo/data/{name}.tsv").splitlines() if line and not line.startswith("#")]


def test_every_follow_up_stands_in_the_guide_as_it_is() -> None:
    table = rows(sections(text_of(ROOT / "docs/configure.md"))["Follow-ups"])
    assert [word(row[0]) for row in table] == list(FOLLOWUPS)
    for name, _, delay, late, waits, kind in table:
        followup = FOLLOWUPS[word(name)]
        assert length(delay) == followup.delay, name
        assert length(late) == (timedelta(days=30) if word(name).startswith("review") else followup.stale_after), name
        assert waits == ("no" if followup.urgent else "yes"), name
        assert kind == ("transactional" if followup.transactional else "request"), name


def length(words: str) -> timedelta:
    number, _, unit = words.partition(" ")
    return timedelta(0) if words == "at once" else timedelta(**{unit.split()[0]: int(number)})


def test_every_topic_that_means_something_is_to_be_subscribed() -> None:
    for platform in SHOPS.values():
        told = set(spans(CONNECT))
        read = {topic for topic, handler in platform.topics.items() if not isinstance(handler, Ignored)}
        assert {topic for topic in read if topic not in told} <= {"customer.created"}, platform.name
    named = {span for span in spans(CONNECT) if re.fullmatch(r"[a-z_]+/[a-z_]+|(order|customer|product)\.[a-z]+", span)}
    assert named <= {topic for platform in SHOPS.values() for topic in platform.topics}


@pytest.mark.parametrize("platform", SHOPS)
def test_every_mail_to_switch_off_is_named(platform: str) -> None:
    for mail in SHOPS[platform].native_mails:
        assert re.search(rf"^\| {re.escape(mail.name)}( \(with .*?\))? \| `{mail.followup}`", CONNECT, re.MULTILINE), mail.name


def test_every_step_of_a_status_map_is_explained() -> None:
    assert {word(row[0]) for row in rows(sections(CONNECT)["4. Statuses"])} == set(Step)


def test_every_state_is_explained() -> None:
    said = {word(row[0]) for row in rows(sections(OPERATE)["What the states mean"])}
    assert said == set(State) | {"new", "done", "ignored", "superseded", "poison", "dead"}


def test_every_metric_is_explained() -> None:
    told = set(re.findall(r"`(postventa_\w+)", sections(OPERATE)["Health"]))
    made = set(re.findall(r'Family\("(\w+)"|_gauge\("(\w+)"', text_of(ROOT / "postventa/web/ops.py")))
    names = {a or b for a, b in made}
    assert told == {name if name != "postventa_build" else "postventa_build_info" for name in names}


def test_every_variable_block_and_filter_of_the_wording_is_listed() -> None:
    table = rows(sections(WORDING)["Variables"])
    told = {name for row in table for name in re.findall(r"`(\w+)`", row[0])}
    assert told == set(facts(View(sample("shipped"), kit("#1f5f5b"))))
    assert {re.split(r"[:\]]", span[2:])[0] for span in spans(sections(WORDING)["Blocks"])} == set(BLOCKS)
    assert set(spans(sections(WORDING)["A body"])) >= FILTERS


def test_the_recipe_for_a_follow_up_works() -> None:
    (source,) = (
        block.text for block in papers.blocks(text_of(ROOT / "CONTRIBUTING.md")) if block.language == "python" and "(FollowUp)" in block.text
    )
    made: dict[str, object] = {}
    exec(compile(source, "CONTRIBUTING.md", "exec"), made)
    recipe = made["CheckIn"]
    assert isinstance(recipe, type)
    assert issubclass(recipe, FollowUp)
    check_in = recipe()
    assert check_in.name not in FOLLOWUPS
    assert check_in.delay == timedelta(days=30)
    assert not check_in.transactional


def test_both_drawings_are_one_drawing_in_two_languages() -> None:
    english, spanish = (ET.fromstring(text_of(ROOT / f"docs/{name}")) for name in ("journey.svg", "journey.es.svg"))
    assert [element.tag for element in english.iter()] == [element.tag for element in spanish.iter()]
    for drawing in (english, spanish):
        title, description = (drawing.find(f"{{http://www.w3.org/2000/svg}}{name}") for name in ("title", "desc"))
        assert title is not None
        assert title.text
        assert description is not None
        assert len(description.text or "") > 200
    named = {element.text for element in english.iter() if "mono" in element.get("class", "")}
    assert named <= set(FOLLOWUPS)
