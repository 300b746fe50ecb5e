"""The command line: `postventa [--config PATH] COMMAND`.

Commands are imported when they are called, so that `--help` answers at once.
"""

from __future__ import annotations

import importlib
import json
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from postventa.config import Settings

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("postventa.cli.run:up", "Run everything: Redis, migrations, web, workers and clock."),
    "web": ("postventa.cli.run:web", "Run the web server only (for several machines)."),
    "worker": ("postventa.cli.run:worker", "Run the workers only."),
    "clock": ("postventa.cli.run:clock", "Run the clock only: what is due is found and queued."),
    "restart": ("postventa.cli.run:restart", "Take up new code and configuration without missing a delivery."),
    "doctor": ("postventa.cli.doctor:doctor", "Name everything that is wrong or risky, and what to do."),
    "account": ("postventa.cli.account:account", "Who may sign in, and one-time links to get in."),
    "shop": ("postventa.cli.shop:shop", "Connect and inspect shops."),
    "inbox": ("postventa.cli.inbox:inbox", "Raw deliveries: list, show, dry-run, replay, discard, spool."),
    "ledger": ("postventa.cli.ledger:ledger", "Every mail and label: state, reason, times, attempts."),
    "audit": ("postventa.cli.audit:audit", "Who did what, and whether the log of it is whole."),
    "alarms": ("postventa.cli.alarms:alarms", "What a person should look at now."),
    "recovery": ("postventa.cli.recovery:recovery", "Unhappy customers: who waits for an answer, and who got one."),
    "privacy": ("postventa.cli.privacy:privacy", "Who asked for their data or their erasure: cases, exports, erasing."),
    "order": ("postventa.cli.order:order", "Find an order, give money back, make a discount code."),
    "return": ("postventa.cli.returns:returns", "Returns: open and settle them, their labels, their rules."),
    "tracking": ("postventa.cli.tracking:tracking", "Parcels that carriers are asked about, how long ways take, how punctual they are."),
    "withdrawal": ("postventa.cli.withdrawal:withdrawal", "Who has withdrawn from a contract: statements, their clocks and their evidence."),
    "db": ("postventa.cli.db:db", "Migrate, back up and restore the database."),
    "demo": ("postventa.cli.demo:demo", "Play two invented shops' deliveries through the whole service."),
}
"""Name -> (where, what `--help` says)."""


class Context:
    """What commands get with `@click.pass_obj`."""

    def __init__(self, config: Path | None = None) -> None:
        self.config = config

    @cached_property
    def settings(self) -> Settings:
        """The settings, read on first use. Raises `ConfigError`. Logs go to standard error from here on, warnings and worse only."""
        from postventa.config import load
        from postventa.runtime import logs

        settings = load(self.config)
        logs.configure("warning", settings.log.format)
        return settings


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration file. Default: $POSTVENTA_CONFIG, else ./config.toml.",
)
@click.version_option(package_name="postventa", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """Everything that happens after the purchase: follow-up mails, return labels and review requests."""
    ctx.obj = Context(config)


def emit(document: Any) -> None:
    """Print the one JSON document of `--json`: standard output carries nothing else."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def main(arguments: list[str] | None = None) -> None:
    """The `postventa` script. Expected trouble is one clear message on standard error and exit status 2 (1 for a failed command)."""
    try:
        status = cli.main(arguments, prog_name="postventa", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        sys.exit(0)
    except Exception as error:
        if not _is_expected(error):
            raise
        click.echo(f"postventa: {_plain(error)}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _is_expected(error: Exception) -> bool:
    """Whether the message says all that helps. Looked up by name: none of these modules is imported for `--help`."""
    expected = (("postventa.config", "ConfigError"), ("connectors.errors", "ConnectorError"), ("sqlalchemy.exc", "OperationalError"))
    loaded = ((sys.modules.get(module), name) for module, name in (*expected, ("redis.exceptions", "RedisError")))
    return any(module is not None and isinstance(error, getattr(module, name)) for module, name in loaded)


def _plain(error: Exception) -> str:
    """SQLAlchemy's errors carry the statement and a link besides the driver's words."""
    original = getattr(error, "orig", None)
    return f"the database said: {str(original).strip()}" if original is not None else str(error)
