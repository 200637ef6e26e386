"""Counting what one address asks for in vain on pages without sign-in, for a minute. Sign-in has its own limits."""

from __future__ import annotations

import hashlib

from django.core.cache import caches


def is_too_often(what: str, address: str, *, most: int) -> bool:
    """Count one more of `what` from this address; whether that is more than `most` within the minute.

    Only a digest of the address is kept. Without a cache nobody is counted.
    """
    key = _key(what, address)
    try:
        caches["brief"].add(key, 0, timeout=60)
        return int(caches["brief"].incr(key)) > most
    except Exception:  # the cache is down, or the count ran out in between
        return False


def was_too_often(what: str, address: str, *, most: int) -> bool:
    """Whether it was asked for more than `most` times within the minute, without counting."""
    try:
        return int(caches["brief"].get(_key(what, address), 0)) > most
    except Exception:  # the cache is down
        return False


def _key(what: str, address: str) -> str:
    return f"{what}:{hashlib.sha256(address.encode()).hexdigest()[:32]}"
