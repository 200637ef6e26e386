"""Encryption of single values, with keys that the database never holds (settings.FIELD_KEYS, newest first).

A stored value is `o1.<name of its key>.<token>.<ciphertext>`. The ciphertext is Fernet (AES-128-CBC with HMAC-SHA256;
cryptography) over the column, the number of the row, and the text: whoever moves a stored value to another row or
column makes it unreadable (45 CFR 164.312(a)(2)(iv), (c)(1)). The name of the key says which values a rotation has left
to do, without reading any. The token, where a column is searched for whole values, is a keyed hash of the text.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = "o1"
TOKEN_PLACE = 3  # of the parts of a stored value, as SQL counts
STORED = rf"^{VERSION}\.[0-9a-f]{{8}}\.([0-9a-f]{{16}})?\.[A-Za-z0-9_=-]+$"


class Unreadable(Exception):
    """A stored value can't be read, since it is not what Onward stored there. Nothing of it is shown."""

    words = "(can’t be opened: changed since it was stored)"  # in its place, in a list

    def __init__(self, column: str, row: int | None, why: str) -> None:
        super().__init__(f"{column} of row {row} can’t be decrypted: {why}.")


class KeyMissing(Unreadable):
    """A stored value can't be read here: FIELD_KEYS lacks its key. With the key, it can be read again."""

    words = "(can’t be opened: encryption key missing)"


def encrypt(text: str, *, column: str, row: int, is_findable: bool = False) -> str:
    """The text as it is stored in this column of this row, under the newest key."""
    key = _keys()[0]
    token = _token(key, column, text) if is_findable else ""
    sealed = _fernet(key).encrypt(f"{column}\n{row}\n{text}".encode())
    return f"{VERSION}.{name(key)}.{token}.{sealed.decode()}"


def decrypt(stored: str, *, column: str, row: int | None) -> str:
    """The text of a stored value. Raises Unreadable where no key fits, or where it was stored somewhere else."""
    version, _, rest = stored.partition(".")
    key_name, _, rest = rest.partition(".")
    token, _, ciphertext = rest.partition(".")
    if version != VERSION or not ciphertext:
        raise Unreadable(column, row, "it isn’t encrypted as Onward encrypts")
    key = next((each for each in _keys() if name(each) == key_name), None)
    if key is None:
        raise KeyMissing(column, row, f"FIELD_KEYS lacks its key, whose name is {key_name}")
    try:
        opened = _fernet(key).decrypt(ciphertext).decode()
    except (InvalidToken, UnicodeDecodeError):
        raise Unreadable(column, row, "it was changed after it was stored") from None
    where, _, rest = opened.partition("\n")
    number, _, text = rest.partition("\n")
    if where != column or number != str(row):
        raise Unreadable(column, row, f"it was moved here; it was stored in {where} of row {number}")
    if token and not hmac.compare_digest(token, _token(key, column, text)):
        raise Unreadable(column, row, "what it is found by was changed after it was stored")
    return text


def tokens(text: str, *, column: str) -> list[str]:
    """What this text is found by in a column that is searched: one token for each key that may have been used."""
    return [_token(key, column, text) for key in _keys()]


def newest() -> str:
    """The name of the key under which values are stored now."""
    return name(_keys()[0])


def is_stored(value: str) -> bool:
    """Whether it is a stored value, and not a text."""
    return re.match(STORED, value) is not None


def key_of(stored: str) -> str:
    """The name of the key under which it was stored."""
    return stored.split(".")[1]


def known() -> list[str]:
    """The names of all keys with which values can be read."""
    return [name(key) for key in _keys()]


@functools.lru_cache(maxsize=32)
def name(key: str) -> str:
    """Eight digits that say which key it is, and nothing about it."""
    return hashlib.sha256(_derived(key, "name")).hexdigest()[:8]


def _keys() -> list[str]:
    keys: list[str] = settings.FIELD_KEYS
    if not keys or not all(keys):
        raise ImproperlyConfigured("Set FIELD_KEYS: without a key, nothing can be encrypted or read.")
    return keys


@functools.lru_cache(maxsize=32)
def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(key, "values")))


def _token(key: str, column: str, text: str) -> str:
    return hmac.digest(_derived(key, "tokens"), f"{column}\n{text}".encode(), "sha256").hex()[:16]


@functools.lru_cache(maxsize=96)
def _derived(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"onward fields 1|{purpose}".encode(), "sha256")
