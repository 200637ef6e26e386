"""Keyset pagination: the fiftieth page costs as much as the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from staff.reading import Reading, reads, rows

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Some rows, and the token for the rows after them; empty at the end."""

    rows: list[M]
    next: str


@reads
def newest_first(
    queryset: models.QuerySet[M], *, key: Sequence[str], after: str = "", size: int = 50
) -> Reading[Page[M]]:
    """A page of rows in descending order of `key`, after the token `after`.

    `key` names fields that are never null, unique together, and indexed. An invalid token gives the first page.
    """
    ordered = _behind(queryset.order_by(*(f"-{name}" for name in key)), key, after, "lt")
    return begun((yield from rows(ordered[: size + 1])), key=key, size=size)


@reads
def soonest_first(
    queryset: models.QuerySet[M], *, key: Sequence[str], after: str = "", size: int = 50
) -> Reading[Page[M]]:
    """The same in ascending order."""
    ordered = _behind(queryset.order_by(*key), key, after, "gt")
    return begun((yield from rows(ordered[: size + 1])), key=key, size=size)


def _behind(ordered: models.QuerySet[M], key: Sequence[str], after: str, which: str) -> models.QuerySet[M]:
    """The rows behind the token's."""
    behind, same = Q(), Q()
    for name, value in zip(key, _values(ordered.model, key, after), strict=False):
        behind |= same & Q(**{f"{name}__{which}": value})
        same &= Q(**{name: value})
    return ordered.filter(behind)


def begun(found: list[M], *, key: Sequence[str], size: int = 50) -> Page[M]:
    """A page of rows that were read in this order, one more than it has if there are more."""
    token = "~".join(_text(getattr(found[size - 1], name)) for name in key) if len(found) > size else ""
    return Page(found[:size], token)


def _text(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _values(model: type[models.Model], key: Sequence[str], after: str) -> list[object]:
    parts = after.split("~")
    if not after or len(parts) != len(key):
        return []
    try:
        fields = [model._meta.pk if name == "pk" else model._meta.get_field(name) for name in key]
        return [field.to_python(part) for field, part in zip(fields, parts, strict=True)]  # type: ignore[union-attr]
    except (ValidationError, ValueError):
        return []
