"""The installation's secret: 32 random bytes in a file that only the service's user may read.

Everything that must not be guessed or forged derives from it: shop credentials at rest, and the hashes of customers' links. It
belongs into the backup, apart from the database.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from pathlib import Path

from postventa.config import ConfigError, Settings, ShopSettings

log = logging.getLogger("postventa.secrets")

LENGTH = 32
PLACEHOLDER = "CHANGE-ME"
"""What the example configuration says where something has to be filled in."""
SIGNING, API_KEY = 16, 24
"""Characters that a webhook secret, and a key for our API, have at least."""
VARIETY = 8
"""Different characters of a secret, at least. Of 32 random hexadecimal digits fewer are different once in 27 million."""
OTHERS = 0o037
"""What the secret key's file must not allow: reading it to everybody, changing it to its group. The group of a backup program may read it."""


def weakness(secret: str | bytes, least: int) -> str:
    """Why it can be guessed, in words that follow "it"; empty: it cannot, as far as one sees.

    What shop platforms and `openssl rand -hex 16` make never fails.
    """
    text = secret if isinstance(secret, str) else secret.decode("latin-1")
    if PLACEHOLDER in text:
        return f"still says {PLACEHOLDER}"
    if len(text) < least:
        return f"has {len(text)} characters, expected {least} or more"
    if len(set(text)) < VARIETY:
        return f"repeats the same {len(set(text))} characters"
    return ""


def weak_secrets(shop: ShopSettings) -> list[str]:
    """Which of a shop's secrets can be guessed, and what to do: sentences without the secrets."""
    found = [
        f"a webhook secret {why}: anybody could forge deliveries. Make one with `openssl rand -hex 32`, here and in the shop"
        for secret in shop.signing_secrets
        if (why := weakness(secret, SIGNING))
    ]
    found += [
        f"a webhook secret of Sendcloud {why}: anybody could forge what it tells. Take the one that Sendcloud shows"
        for secret in shop.carriers.sendcloud.signing_secrets
        if (why := weakness(secret, SIGNING))
    ]
    found += [
        f"a key of api_keys {why}: anybody could open returns. Make one with `openssl rand -hex 24`"
        for key in shop.api_keys
        if (why := weakness(key, API_KEY))
    ]
    return list(dict.fromkeys(found))


def key_trouble(settings: Settings) -> str:
    """Why the secret key's file protects nothing, and what to do; empty: it does, or is not made yet."""
    path = secret_path(settings)
    if not path.exists():
        return ""
    try:
        content, mode = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return f"{path}: the secret key cannot be read ({error.strerror}): let the service's user own it (chown)"
    why = weakness(content, LENGTH)
    if why:
        return f"{path}: the secret key can be guessed, it {why}: expected {LENGTH} random bytes. Put the file back from your backup"
    if mode & OTHERS:
        return f"{path}: the secret key can be read or changed by other users of this machine (mode {mode:04o}): chmod 600 {path}"
    return ""


def close_to_others(settings: Settings) -> None:
    """Take from other users of this machine what the secret key's file allows them, if it is ours; a copy that was put back often allows too much."""
    path = secret_path(settings)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & OTHERS:
            path.chmod(mode & ~0o077)
            log.warning("%s could be read or changed by other users of this machine (mode %04o) and is closed to them now", path, mode)
    except OSError:
        return  # not there yet, or somebody else's: `key_trouble` says what is wrong


def secret_path(settings: Settings) -> Path:
    """The file that holds the secret."""
    return settings.base / settings.security.secret_key_file


def load_secret(settings: Settings) -> bytes:
    """The secret, made on first use. Raises `ConfigError` for a file that cannot be read or is too short to be a secret."""
    path = secret_path(settings)
    try:
        secret = path.read_bytes() if path.exists() else _create(path)
    except OSError as error:
        raise ConfigError(f"{path}: the secret key cannot be read or made: {error.strerror} (security.secret_key_file)") from None
    if len(secret) < LENGTH:
        raise ConfigError(
            f"{path}: {len(secret)} bytes are no secret key; expected {LENGTH} random bytes. Put the file back from your backup, "
            "or remove it on a new installation: a fresh one is made."
        )
    return secret


def _create(path: Path) -> bytes:
    """Write it completely under another name first: of several processes that start at once, one wins and all read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_bytes()
