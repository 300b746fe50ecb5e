"""The command line as a person and as a script meet it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from postventa.cli import COMMANDS, cli


def postventa(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "postventa.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={"PATH": "/usr/bin:/bin", **environ},
    )


def test_help_names_every_command() -> None:
    said = postventa("--help")
    assert all(name in said.stdout for name in COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from postventa.cli import cli; cli.main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200, check=True).stdout
    for heavy in ("sqlalchemy", "pydantic", "flask", "redis", "rich", "structlog", "postventa.config"):
        assert f"'{heavy}'" not in loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    command = cli.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.get_short_help_str()


def test_an_unknown_setting_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[server]\nbnid = "127.0.0.1:8000"\n')
    said = postventa("--config", str(tmp_path / "config.toml"), "ledger")
    assert (said.returncode, said.stdout) == (2, "")
    assert (
        said.stderr
        == f"postventa: {tmp_path / 'config.toml'}: server.bnid: unknown setting. config.example.toml lists every setting with its meaning.\n"
    )


def test_a_wrong_value_is_named_with_what_was_expected() -> None:
    said = postventa("ledger", POSTVENTA__SERVER__BIND="8000")
    assert said.returncode == 2
    assert "server.bind" in said.stderr
    assert '"127.0.0.1:8000"' in said.stderr
    assert "Traceback" not in said.stderr


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    said = postventa("--config", str(tmp_path / "none.toml"), "doctor")
    assert said.returncode == 1
    assert f"{tmp_path / 'none.toml'}: there is no such file" in said.stdout


def test_json_is_all_that_is_printed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    where = ("--config", str(tmp_path / "config.toml"))
    assert postventa(*where, "db", "upgrade").returncode == 0
    for command, key in ((("doctor",), "checks"), (("ledger",), "effects"), (("inbox", "list"), "deliveries"), (("db", "backup"), "file")):
        said = postventa(*where, *command, "--json")
        assert key in json.loads(said.stdout), command


def test_a_database_that_is_away_is_one_clear_line() -> None:
    said = postventa("db", "upgrade", POSTVENTA__DATABASE__URL="postgresql+psycopg://mara:s3cret@127.0.0.1:1/none")
    assert said.returncode == 2
    assert said.stderr.startswith("postventa: the database said: ")
    assert "Traceback" not in said.stderr
    assert "s3cret" not in said.stderr


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    command = f"{sys.executable} -m postventa.cli --config {tmp_path / 'config.toml'} doctor --json | head -c 1"
    said = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=200, check=True)
    assert (said.stdout, said.stderr) == ("{", "")


@pytest.mark.parametrize("command", ["replay", "dry-run", "discard"])
@pytest.mark.parametrize(
    ("arguments", "word"), [((), "say which deliveries"), (("42-17",), "ends before"), (("x",), "such as 17"), (("--since", "soon"), "90m")]
)
def test_deliveries_that_are_not_named_well_are_asked_for_before_anything_is_opened(command: str, arguments: tuple[str, ...], word: str) -> None:
    said = CliRunner().invoke(cli, ["--config", "/none.toml", "inbox", command, *arguments, *(("--reason", "x") if command == "discard" else ())])
    assert (said.exit_code, said.stdout) == (2, "")
    assert word in said.stderr


@pytest.mark.parametrize(
    "command", [("inbox", "discard", "17"), ("ledger", "resend", "17"), ("ledger", "cancel", "17"), ("ledger", "unlink", "1042")]
)
def test_what_a_person_decides_wants_a_reason(command: tuple[str, ...]) -> None:
    said = CliRunner().invoke(cli, ["--config", "/none.toml", *command])
    assert (said.exit_code, "Missing option '--reason'" in said.stderr) == (2, True)
