"""Addresses of pages about rows, for lists of many: each name is reversed once, and then only filled with numbers."""

from __future__ import annotations

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

_STAND_INS = tuple(9_000_000_000_000_001 + place for place in range(4))  # numbers that stand in no address
_kept: dict[tuple[object, ...], str] = {}


def address(name: str, *keys: int) -> str:
    """As `reverse(name, args=keys)`, where all are keys of rows."""
    known = (get_urlconf() or settings.ROOT_URLCONF, get_script_prefix(), name, len(keys))
    pattern = _kept.get(known)
    if pattern is None:
        pattern = reverse(name, args=_STAND_INS[: len(keys)]).replace("{", "{{").replace("}", "}}")
        for place in range(len(keys)):
            pattern = pattern.replace(str(_STAND_INS[place]), f"{{{place}}}")
        _kept[known] = pattern
    return pattern.format(*map(int, keys))
