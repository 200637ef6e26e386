"""Seals of the chained logs (staff.immutability.sealed_chain): HMAC with a key that the database never holds.

An entry's hash is HMAC-SHA256 over its content, under a key for that entry alone. That key is made from AUDIT_KEY and
the entry's *token*; it goes to the database with the entry, which computes the hash and keeps the token only. So an
entry is written in one statement, and who holds the database, or a copy of it, can verify nothing and forge nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

BLOCK = 64  # bytes, of SHA-256
INNER = bytes(each ^ 0x36 for each in range(256))
OUTER = bytes(each ^ 0x5C for each in range(256))


def new() -> str:
    """A token for one entry with its key, as the database expects it: `token:inner:outer`, in hexadecimal digits."""
    token = _token(_current(), secrets.token_hex(12))
    padded = _key_of(_current(), token).ljust(BLOCK, b"\0")
    return f"{token}:{padded.translate(INNER).hex()}:{padded.translate(OUTER).hex()}"


def key_of(token: str) -> bytes | None:
    """The key of the entry with this token; None where Onward did not make the token, or the key is not known."""
    for master in _known():
        if token.startswith(_name(master)):
            genuine = _token(master, token[8:32])
            return _key_of(master, token) if _same(genuine, token) else None
    return None


def has_known_key(token: str) -> bool:
    """Whether the token names a key of these settings."""
    return any(token.startswith(_name(master)) for master in _known())


def hash_of(key: bytes, text: str) -> str:
    """What the database computed of an entry's text."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def mark(text: str) -> str:
    """HMAC of something else that is kept beside the logs: where sealing began, a line of the file of chain ends."""
    return _mac(_current(), f"mark|{text}").hex()


def is_mark(text: str, found: str) -> bool:
    """Whether it was made with one of the known keys."""
    return any(_same(_mac(master, f"mark|{text}").hex(), found) for master in _known())


def _same(one: str, other: str) -> bool:
    """Compared as bytes: letters that no seal has are false, and end no check."""
    return hmac.compare_digest(one.encode(), str(other).encode(errors="replace"))


def _current() -> str:
    key: str = settings.AUDIT_KEY
    return key


def _known() -> list[str]:
    return [settings.AUDIT_KEY, *settings.AUDIT_KEYS_BEFORE]


def _name(master: str) -> str:
    """Eight digits that say which key it was, and nothing about it."""
    return hashlib.sha256(f"name|{_mac(master, 'name').hex()}".encode()).hexdigest()[:8]


def _token(master: str, chance: str) -> str:
    return _name(master) + chance + _mac(master, f"token|{chance}").hex()[:16]


def _key_of(master: str, token: str) -> bytes:
    return _mac(master, f"entry|{token}")


def _mac(master: str, text: str) -> bytes:
    return hmac.digest(master.encode(), text.encode(), "sha256")
