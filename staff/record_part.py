"""A part of a client's record as its app hands it out for a copy (45 CFR 164.524): rows in words, with their labels.

Each app says what it holds in functions that settings name (`RECORD_SOURCES`); privacy/copies.py puts them together.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from staff.models import StaffMember

Row = dict[str, Any]  # text, numbers, booleans, days, moments, None, and lists or dicts of them
NUMBER = "number"  # of a row, which other parts' rows name
_OF_THE_HOUSE = ("client", "clinic")  # the same in every row


@dataclass(frozen=True)
class Part:
    """One part: `fields` says in which order a row has what, and how a person calls it."""

    key: str
    title: str
    fields: dict[str, str]
    rows: tuple[Row, ...]
    models: tuple[str, ...]  # whose rows these are, for the test that no table was forgotten
    note: str = ""
    apart: bool = False  # goes to nobody but the client and who acts for them: others need a consent for it alone


def part(
    key: str,
    title: str,
    rows: models.QuerySet[Any],
    *,
    but: Iterable[str] = (),
    also: dict[str, tuple[str, Any]] | None = None,
    covers: tuple[str, ...] = (),
    note: str = "",
    apart: bool = False,
) -> Part:
    """A part from rows of one table: every column of theirs but those left out, choices in words, people by name.

    And what they are linked with, many to many: the words of each, since nothing else says that they belong together.
    Other rows are named by their number. `also` adds fields: key, label, and a function of the row. `covers` are tables
    whose rows those functions read.
    """
    left_out = {*but, *_OF_THE_HOUSE}
    columns = [each for each in rows.model._meta.concrete_fields if each.name not in left_out and not _is_built(each)]
    people = [each.name for each in columns if each.related_model is StaffMember]
    extra = dict(also or {})
    linked = [each for each in rows.model._meta.local_many_to_many if each.name not in left_out]
    extra |= {each.name: (_label(each), _words_of(each.name)) for each in linked}
    fields = {(NUMBER if each.primary_key else each.name): _label(each) for each in columns}
    fields |= {name: label for name, (label, _) in extra.items()}
    found = tuple(
        {
            **{(NUMBER if each.primary_key else each.name): _value(row, each) for each in columns},
            **{name: plain(ask(row)) for name, (_, ask) in extra.items()},
        }
        for row in rows.select_related(*people).prefetch_related(*(each.name for each in linked))
    )
    return Part(key, title, fields, found, (rows.model._meta.label, *covers), note, apart)


def plain(value: Any) -> Any:
    """A value that JSON and paper can hold."""
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool | datetime.date | datetime.datetime):
        return value
    return str(value)


def _words_of(name: str) -> Callable[[Any], list[str]]:
    return lambda row: [str(each) for each in getattr(row, name).all()]


def _is_built(field: models.Field[Any, Any]) -> bool:
    """Made by the database from other columns, such as what a search looks in."""
    return bool(getattr(field, "generated", False))


def _label(field: models.Field[Any, Any]) -> str:
    if field.primary_key:
        return "No."
    words = str(field.verbose_name)
    return words[:1].upper() + words[1:]


def _value(row: models.Model, field: models.Field[Any, Any]) -> Any:
    if field.related_model is StaffMember:
        person = getattr(row, field.name)
        return person.signature_name if person is not None else None
    if field.is_relation:
        return getattr(row, field.attname)
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")()) or None
    return plain(getattr(row, field.name))
