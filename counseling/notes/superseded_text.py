"""Superseded draft text: versions that were not chosen, kept for the person who typed them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import pghistory
from django.contrib.admin.utils import label_for_field
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

from counseling.models import SessionNote, SetAsideText
from staff.access import Permission, demand
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows

from . import draft_merge
from .draft_merge import LINKED, SECTION, TIMES


def keep(*, note: SessionNote, sections: Mapping[str, str], details: Mapping[str, str], by: StaffMember) -> None:
    """Store superseded sections and header parts, unless the same are already stored or all are empty."""
    demand(by, Permission.NOTE_WRITE, note.client)
    sections, details = ({key: text for key, text in each.items() if text.strip()} for each in (sections, details))
    mine = SetAsideText.objects.filter(note=note, set_aside_by=by)
    if not (sections or details) or mine.filter(sections=sections, details=details).exists():
        return
    with pghistory.context(staff_member=by.pk, act="counseling.keep_aside"):
        SetAsideText.objects.create(
            note=note, sections=sections, details=details, set_aside_at=timezone.now(), set_aside_by=by
        )


@dataclass(frozen=True)
class SetAside:
    """One superseded text for display: when, and each part as label and text."""

    at: datetime.datetime
    parts: list[tuple[str, str]]


@reads
def of(note: SessionNote, *, staff_member: StaffMember) -> Reading[list[SetAside]]:
    """The reader's superseded texts of this note, newest first, without parts that the note still contains."""
    kept = yield from rows(
        query(lambda note, by: SetAsideText.objects.visible_to(by).filter(note=note), note=note.pk, by=staff_member)
    )
    if not kept:
        return []
    standing = {name: in_words(note, name, value) for name, value in draft_merge.parts_of(note).items()}
    read = []
    for row in kept:
        parts = {f"{SECTION}{key}": text for key, text in row.sections.items()} | row.details
        lost = [(label(note, name), text) for name, text in parts.items() if standing.get(name) != text]
        read += [SetAside(at=row.set_aside_at, parts=lost)] if lost else []
    return read


def label(note: SessionNote, part: str) -> str:
    """The label of a draft's part on the page."""
    if part == TIMES:
        return "Session time"
    if part.startswith(SECTION):
        return next((each["label"] for each in note.layout if f"{SECTION}{each['key']}" == part), part)
    return capfirst(str(label_for_field(part, SessionNote)))


def in_words(note: SessionNote, part: str, value: object) -> str:
    """A draft's part as readable text; times are in the zone of the reader's clinic."""
    if part.startswith(SECTION):
        return str(value)
    if part == TIMES:
        assert isinstance(value, (tuple, list))
        begins, ends = (each and timezone.localtime(each) for each in value)
        begun = date_format(begins, "D, M j, Y, g:i A")
        return f"{begun} to {date_format(ends, 'g:i A')}" if ends else f"{begun}, no end time"
    if part in LINKED:
        named = getattr(SessionNote, part).rel.model._default_manager.filter(pk__in=value)
        return "; ".join(str(each) for each in named if getattr(each, "client_id", note.client_id) == note.client_id)
    if value is None:
        return ""
    field = SessionNote._meta.get_field(part)
    if choices := getattr(field, "choices", None):
        return str(dict(choices).get(value, value))
    return date_format(value, "D, M j, Y") if isinstance(value, datetime.date) else str(value)
