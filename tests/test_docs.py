"""What the papers name exists, and what exists is in them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from postventa.cli import COMMANDS, cli
from postventa.config import Brand, Carriers, Delivery, Pickup, ReturnAddress, Settings, ShopSettings, Withdrawal
from postventa.models import Base
from tests import papers
from tests.papers import PAPERS, ROOT, rows, sections, spans, text_of, word

CONFIGURE = text_of(ROOT / "docs/configure.md")
SECTIONS: dict[str, type[BaseModel]] = {
    **{f"[{name}]": field.annotation for name, field in Settings.model_fields.items() if isinstance(field.annotation, type) and name != "source"},
    "[[shops]]": ShopSettings,
    "[shops.return_address]": ReturnAddress,
    **{f"[shops.carriers.{name}]": type(field.default) for name, field in Carriers.model_fields.items()},
    "[shops.pickup]": Pickup,
    "[shops.delivery]": Delivery,
    "[shops.brand]": Brand,
    "[shops.withdrawal]": Withdrawal,
}
ADDRESSES = ("/webhook", "/health", "/ready", "/metric", "/mailbox", "/api", "/review", "/unsub", "/t/", "/return", "/withdraw")
"""How paths of the service begin; other paths are files."""
every_paper = pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)


def test_every_table_and_column_is_documented_and_none_is_invented() -> None:
    told = {word(name): [word(row[0]) for row in rows(body)] for name, body in sections(text_of(ROOT / "docs/data-model.md")).items()}
    assert {table.name: [column.name for column in table.columns] for table in Base.metadata.sorted_tables} == {
        name: columns for name, columns in told.items() if columns
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_documented_with_its_default_and_none_is_invented(section: str) -> None:
    told = {word(row[0]): row[1] for row in rows(sections(CONFIGURE)[f"`{section}`"])}
    fields = SECTIONS[section].model_fields
    assert list(told) == list(fields)
    for name, field in fields.items():
        if field.default is PydanticUndefined and field.default_factory is None:
            assert told[name] == "needed", name
        else:
            assert tomllib.loads(f"x = {word(told[name])}")["x"] == plain(field.get_default(call_default_factory=True)), name


def plain(value: Any) -> Any:
    """A default as TOML would have it; a table of defaults is an empty one."""
    return {} if isinstance(value, BaseModel) else str(value) if isinstance(value, Path) else value


@every_paper
def test_commands_exist_with_their_options(paper: Path) -> None:
    for words in papers.said_commands(text_of(paper)):
        if words[0] == "postventa" and len(words) > 1:
            understand(words[1:])


def understand(words: list[str]) -> None:
    command: click.Command = cli
    while words:
        first, *words = words
        name = first.partition("=")[0]
        if first.startswith("-"):
            option = next((p for p in command.params if name in p.opts), None)
            assert option is not None or name in ("--help", "-h"), f"{command.name} has no {first}"
            takes_value = isinstance(option, click.Option) and not option.is_flag and "=" not in first and name != "--version"
            words = words[1:] if takes_value else words
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), first)
            assert found is not None, f"{command.name} has no command {first}"
            command = found
        else:
            assert any(isinstance(p, click.Argument) for p in command.params), f"{command.name} takes no {first}"


def test_every_command_stands_in_the_guide_for_operators() -> None:
    guide = sections(text_of(ROOT / "docs/operations.md"))["Commands"]
    wanted = set()
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        wanted |= {f"postventa {name} {sub}" for sub in command.commands} if isinstance(command, click.Group) else {f"postventa {name}"}
    assert {command for command in wanted if f"`{command}" not in guide} == set()


@every_paper
def test_make_targets_exist(paper: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for words in papers.said_commands(text_of(paper)):
        if words[0] == "make":
            said = [w for i, w in enumerate(words[1:], 1) if not re.match(r"-|[A-Z]+=", w) and words[i - 1] != "-C"]
            assert set(said) <= targets, words


@every_paper
def test_settings_named_in_prose_exist(paper: Path) -> None:
    for span in spans(text_of(paper)):
        named = re.match(r"(\[\[?[a-z_.]+\]\]?)(?: ([a-z_]+))?", span)
        if named and not span.startswith("[["):
            assert named[1] in SECTIONS, span
        if named and named[1] in SECTIONS and named[2]:
            assert named[2] in SECTIONS[named[1]].model_fields, span
        for section, key in re.findall(r"POSTVENTA__([A-Z]+)__([A-Z_]+)", span):
            assert key.lower() in SECTIONS[f"[{section.lower()}]"].model_fields, span


@every_paper
def test_settings_in_examples_exist(paper: Path) -> None:
    for block in papers.blocks(text_of(paper)):
        if block.language == "toml" and paper.name != "returns.md":  # rules for returns: tests/returns/test_policy.py reads them
            for name, value in tomllib.loads(block.text).items():
                if name == "shops":
                    assert all(set(shop) <= set(ShopSettings.model_fields) for shop in value)
                elif f"[{name}]" in SECTIONS:
                    assert set(value) <= set(SECTIONS[f"[{name}]"].model_fields), name
                else:
                    assert name in ShopSettings.model_fields, f"{name} is no setting of a shop"


@every_paper
def test_links_lead_somewhere(paper: Path) -> None:
    for link in papers.links(text_of(paper)):
        if link.startswith(("https://", "http://")):
            continue
        file, _, part = link.partition("#")
        target = (paper.parent / file).resolve() if file else paper
        assert target.exists(), link
        assert not part or part in {papers.anchor(words) for _, words in papers.headings(text_of(target))}, link


@every_paper
def test_files_named_in_prose_exist(paper: Path) -> None:
    for span in spans(text_of(paper)):
        if re.fullmatch(r"(connectors|webhooks|jobs|postventa|tests|docs|deploy|requirements|\.ci)/[\w./-]*", span) and not made_by_a_recipe(span):
            assert (ROOT / span).exists(), span


def made_by_a_recipe(path: str) -> bool:
    return path.startswith(("deploy/data", "deploy/.env", "postventa/followups/check_in"))


def test_the_map_of_the_code_is_true() -> None:
    tree = papers.blocks(text_of(ROOT / "ARCHITECTURE.md"))[0].text
    top = ROOT
    for line in tree.splitlines():
        if not line.startswith(" "):
            top = ROOT / line.split("/")[0]
        for name in re.findall(r"(?<![\w/])([\w/]+(?:\.py|/))(?= |,|$)", line.partition("   ")[0] if not line.startswith(" ") else line):
            where = ROOT if not line.startswith(" ") else top
            assert any(where.rglob(name.strip("/"))), f"{name} in {where.name}"


@pytest.fixture(scope="module")
def rules() -> list[str]:
    """The paths that the service answers, as patterns."""
    from postventa.web import api, home, mailbox, ops
    from postventa.web.portal import portal
    from postventa.web.returns import returns
    from postventa.web.withdraw import withdraw
    from webhooks import receive

    app = Flask("papers")
    for blueprint in (receive.blueprint, ops.blueprint, portal, returns, withdraw, api.blueprint, home.blueprint, mailbox.blueprint):
        app.register_blueprint(blueprint)
    return [re.sub(r"<[^>]+>", "[^/]+", rule.rule.rstrip("/")) for rule in app.url_map.iter_rules()]


@every_paper
def test_addresses_of_the_service_exist(paper: Path, rules: list[str]) -> None:
    for span in spans(text_of(paper)):
        path = re.sub(r"^(GET|POST|DELETE) ", "", span)
        if path.startswith(ADDRESSES):
            assert any(re.fullmatch(rule, path) or rule.startswith(f"{path}/") for rule in rules), path
