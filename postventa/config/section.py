"""What every part of the settings has in common."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict

AT_HOME = ("localhost", "127.0.0.1", "::1")
"""Names of this machine."""
NOWHERE = (".example", ".test", ".invalid", ".localhost")
"""Ends of names that lead nowhere, or to this machine (RFC 6761): documents and tests use them."""
LANGUAGES = ("es", "ca", "gl", "eu", "en", "pt", "fr", "de", "it")
HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A name that a browser can ask for, in small letters; one with an accent is written as `xn--...`."""


def host_name(typed: str) -> str:
    """A host's name in small letters, or nothing. Raises `ValueError` for what is none."""
    name = typed.strip().lower().rstrip(".")
    if name and not HOST.fullmatch(name):
        raise ValueError('expected a name without scheme, port or path, such as "ayuda.tienda.example"')
    return name


def zone_name(typed: str) -> str:
    """A time zone that this machine knows. Raises `ValueError` for any other."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(typed)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError('expected an IANA time zone, such as "Europe/Madrid"') from error
    return typed


class ConfigError(Exception):
    """The configuration cannot be used; the message says where, why, and what was expected."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
