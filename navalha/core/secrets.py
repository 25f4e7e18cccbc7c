"""Secrets at rest: encrypted when we must use them again, hashed when we only compare."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

PREFIX = "fernet:"


class WrongKey(Exception):
    """No configured key opens this secret: the operator changed FIELD_KEYS without keeping the old one."""


def encrypt(text: str, keys: Sequence[str]) -> str:
    """Encrypt with the first of `keys`; the prefix marks it, so that plain text is never taken for a secret."""
    return PREFIX + _fernet(keys).encrypt(text.encode()).decode()


def decrypt(stored: str, keys: Sequence[str]) -> str:
    """Open what `encrypt` made with any of `keys`. Raises `WrongKey`."""
    if not stored.startswith(PREFIX):
        raise WrongKey("not an encrypted value")
    try:
        return _fernet(keys).decrypt(stored.removeprefix(PREFIX).encode()).decode()
    except InvalidToken as error:
        raise WrongKey("no key opens this value") from error


def _fernet(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def new_secret() -> str:
    """256 random bits as text that is safe in a header or an address."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """SHA-256 in hex. Enough for a random 256-bit secret; a password needs a slow hash instead."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same_secret(offered: str, stored_hash: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(hashed(offered), stored_hash)
