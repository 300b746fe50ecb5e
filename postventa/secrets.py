"""The installation's secret: 32 random bytes in a file that only the service's user may read.

Everything that must not be guessed or forged derives from it: shop credentials at rest, and the hashes of customers' links. It
belongs into the backup, apart from the database.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from postventa.config import ConfigError, Settings

LENGTH = 32


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
