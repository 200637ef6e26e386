"""A copy of a client's own record (45 CFR 164.524): everything of the designated record set, on paper or as data.

What is in it the apps say themselves (`RECORD_SOURCES`); docs/record-copy.md says how the data is built. Drafts are no
part of the record, and notes held apart are in it only if their author decided so (42 CFR 2.11, 45 CFR
164.524(a)(1)(i)). A client's access is not a disclosure (42 CFR 2.23); a copy for somebody else is one, has to be
recorded first, goes with the notice of 42 CFR 2.32, and never holds what takes a consent of its own (2.31(b)).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone
from django.utils.dateformat import format as worded
from django.utils.module_loading import import_string

from cases.models import Client
from privacy import giving
from privacy.disclosures import NOTICE
from privacy.models import AskedAbout, RecordGiven
from privacy.on_paper import foot, whose
from staff.access import Permission, demand
from staff.models import StaffMember
from staff.paper.sheet import Block, Sheet
from staff.record_part import NUMBER, Part

FORMAT, VERSION = "onward-record-copy", 1
OWN = "Everything in your record at this clinic, in the words in which it was written."
FOR_ANOTHER = (
    "The record of this person at this clinic, in the words in which it was written. Notes held apart from it are part "
    "of no copy for others (42 CFR 2.31(b))."
)


def gather(client: Client, *, for_another: bool = False) -> list[Part]:
    """Every part of the record, in the order of the settings; for somebody else without those that are held apart."""
    parts = (part for path in settings.RECORD_SOURCES for part in import_string(path)(client))
    return [part for part in parts if not (for_another and part.apart)]


def give(
    *, client: Client, form: str, recipient: giving.Recipient, by: StaffMember, asked: AskedAbout | None = None
) -> tuple[RecordGiven, list[Part]]:
    """Give a copy: the row that says so, written first, and the parts for `as_data` or `as_sheet`.

    Raises as `giving.give`.
    """
    demand(by, Permission.RECORD_GIVE, client)
    parts = gather(client, for_another=recipient.is_another)
    row = giving.give(
        client=client,
        what=RecordGiven.What.RECORD,
        form=form,
        recipient=recipient,
        contents={part.key: len(part.rows) for part in parts},
        asked=asked,
        by=by,
    )
    return row, parts


def as_data(row: RecordGiven, parts: list[Part]) -> Iterator[str]:
    """The copy as JSON, part by part (docs/record-copy.md)."""
    zone = row.client.clinic.zone
    head = {
        "format": FORMAT,
        "version": VERSION,
        "copy": row.pk,
        "made_at": _as_text(row.at, zone),
        "clinic": row.client.clinic.name,
        "client": row.client_id,
        "notice": NOTICE if row.to == RecordGiven.To.OTHER else "",
    }
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "parts": ['
    for place, part in enumerate(parts):
        about = {"key": part.key, "title": part.title, "note": part.note, "fields": part.fields}
        yield f'{"," if place else ""}\n{json.dumps(about, ensure_ascii=False)[:-1]}, "rows": ['
        for line, each in enumerate(part.rows):
            yield f"{',' if line else ''}\n {json.dumps(_as_data(each, zone), ensure_ascii=False)}"
        yield "]}"
    yield "\n]}\n"


def as_sheet(row: RecordGiven, parts: list[Part], *, by: StaffMember) -> Sheet:
    """The copy on paper: a heading for each part, then its rows, without what is empty."""
    client, zone = row.client, row.client.clinic.zone
    for_another = row.to == RecordGiven.To.OTHER
    return Sheet(
        title="Copy of the record",
        file_name=f"record-{client.pk}",
        whose=whose(client),
        lede=FOR_ANOTHER if for_another else OWN,
        facts=(
            ("Copy", f"No. {row.pk}, {worded(timezone.localtime(row.at, zone), 'F j, Y')}"),
            ("Given to", row.to_name or str(row.get_to_display())),
            ("Contents", "\n".join(f"{part.title}: {len(part.rows)}" for part in parts if part.rows)),
        ),
        blocks=tuple(block for part in parts for block in _blocks(part, zone)),
        foot=foot(client, by=by, now=row.at, notice=for_another),
    )


def _blocks(part: Part, zone: datetime.tzinfo) -> Iterator[Block]:
    if not part.rows and not part.note:
        return
    yield Block(part.title, detail=part.note, text="" if part.rows else "None here.")
    for each in part.rows:
        said = {part.fields[name]: _in_words(value, zone) for name, value in each.items() if name != NUMBER}
        text = "\n".join(f"{label}: {words}" for label, words in said.items() if words)
        yield Block(f"{part.title}, No. {each[NUMBER]}", text)


def _in_words(value: object, zone: datetime.tzinfo) -> str:
    """A value for paper; empty for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return worded(timezone.localtime(value, zone), "M j, Y, g:i A")
    if isinstance(value, datetime.date):
        return worded(value, "M j, Y")
    if isinstance(value, dict):
        said = {str(name): _in_words(each, zone) for name, each in value.items()}
        return "\n".join(f"{name}: {each}" for name, each in said.items() if each)
    if isinstance(value, list):
        return "\n".join(filter(None, (_in_words(each, zone) for each in value)))
    return "" if value is None else str(value)


def _as_data(value: object, zone: datetime.tzinfo) -> object:
    if isinstance(value, dict):
        return {str(name): _as_data(each, zone) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_data(each, zone) for each in value]
    if isinstance(value, datetime.date):  # and moments, which are dates too
        return _as_text(value, zone)
    return value


def _as_text(value: datetime.date, zone: datetime.tzinfo) -> str:
    """ISO 8601; a moment with the clinic's offset from UTC."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value, zone).isoformat()
    return value.isoformat()
