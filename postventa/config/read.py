"""The settings are read: the file, what the environment puts above it, and the secrets that it points to."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from postventa.config.section import ConfigError
from postventa.config.service import Settings

PREFIX = "POSTVENTA__"


def load(path: str | Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    `path`: the file; default `POSTVENTA_CONFIG`, else `config.toml` here. Raises `ConfigError`.
    """
    chosen = path or environ.get("POSTVENTA_CONFIG")
    file = Path(chosen or "config.toml").resolve()
    if chosen and not file.is_file():
        raise ConfigError(f"{file}: there is no such file. Copy config.example.toml there, or name another with --config.")
    raw = _read(file) if file.is_file() else {}
    raw = _resolve(_override(raw, environ), file, environ, "")
    try:
        return Settings.model_validate({**raw, "source": file})
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(file, item) for item in error.errors())) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not readable as TOML: {error}") from None


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """`POSTVENTA__MAIL__PORT=2525` stands above `[mail] port`; lists and tables are written as JSON."""
    result = {k: dict(v) if isinstance(v, dict) else v for k, v in raw.items()}
    for name, value in environ.items():
        if not name.startswith(PREFIX):
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        parsed: Any = json.loads(value) if value[:1] in "[{" else value
        if key:
            result.setdefault(section, {})[key] = parsed
        else:
            result[section] = parsed
    return result


def _resolve(value: Any, file: Path, environ: Mapping[str, str], where: str) -> Any:
    """Follow `file:PATH` (relative to the configuration file) and `env:NAME`."""
    if isinstance(value, dict):
        return {k: _resolve(v, file, environ, f"{where}.{k}".lstrip(".")) for k, v in value.items()}
    if isinstance(value, list):
        return [_resolve(v, file, environ, f"{where}[{i}]") for i, v in enumerate(value)]
    if isinstance(value, str) and value.startswith("file:"):
        target = file.parent / value.removeprefix("file:")
        try:
            return target.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(f"{file}: {where}: cannot read {target}: {error.strerror}") from None
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        if name not in environ:
            raise ConfigError(f"{file}: {where}: the environment has no variable {name}")
        return environ[name]
    return value


def _explain(file: Path, item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"]) or "the file as a whole"
    if item["type"] == "extra_forbidden":
        return f"{file}: {where}: unknown setting. config.example.toml lists every setting with its meaning."
    expected = str(item["msg"]).removeprefix("Value error, ")
    given = "" if _secret(where) or isinstance(item["input"], dict) else f" (got {item['input']!r})"
    return f"{file}: {where}: {expected}{given}"


def _secret(where: str) -> bool:
    return any(word in where for word in ("secret", "password", "token", "consumer_key", "public_key"))
