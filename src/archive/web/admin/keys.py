"""Passwords and the key that signs session cookies. There is no default for either."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from archive.durable import fsync_folder, make_folder
from archive.errors import ConfigError

SHORTEST = 12
"""Letters of a password at least (NIST SP 800-63B asks for 8; an admin's is worth more)."""
LONGEST = 1_000
_hasher = PasswordHasher()
"""argon2id with the parameters of RFC 9106's second recommendation."""
# What an unknown name is compared with, so that it takes as long as a known one.
_NOBODY = _hasher.hash(secrets.token_hex(16))


def hashed(password: str) -> str:
    """The encoded argon2id hash of a new password.

    :raises ConfigError: it is too short, or too long to be one.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigError(
            f"The password has {len(password)} characters.",
            f"It must have {SHORTEST} to {LONGEST}; four unrelated words are easy to remember.",
        )
    return _hasher.hash(password)


def fits(password: str, encoded: str | None) -> bool:
    """Whether a password is the one that was hashed; takes as long when there is none."""
    try:
        _hasher.verify(encoded or _NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return encoded is not None


def key_file(var: Path) -> Path:
    """Where the key is: readable by the archive's own user only."""
    return var / "secret" / "session.key"


def read_key(var: Path) -> str | None:
    """The key that signs session cookies; None when there is none yet."""
    try:
        return key_file(var).read_text("ascii").strip() or None
    except OSError:
        return None


def ensure_key(var: Path) -> None:
    """Make the key when there is none.

    :raises ConfigError: the folder cannot be written.
    """
    path = key_file(var)
    if read_key(var) is not None:
        return
    try:
        make_folder(path.parent)
        path.parent.chmod(0o700)
        # Aside and renamed: a key file that a crash left empty would never be filled.
        aside = path.with_suffix(".part")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        fsync_folder(path.parent)
    except OSError as error:
        raise ConfigError(
            f"The key {path} cannot be made: {error.strerror}.",
            "Give this user the right to write there, or change the setting `var`.",
        ) from error
