"""Creating and changing the clinic's own note formats.

A version that notes use is locked. A change makes the next version, and existing notes keep showing theirs. The
database enforces this (migration 0002_signed_notes).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count

from django.utils import timezone
from django.utils.text import slugify

from counseling.codes import Modality, ShippedFormat
from counseling.models import NoteFormat, SessionNote
from counseling.models.notes.format import LONGEST_HINT, LONGEST_LABEL, MOST_SECTIONS
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal

from .formats import SHIPPED


class FormatNameTaken(Refusal):
    sentence = "Another format already has this name. Choose a different name."


class FormatIncomplete(Refusal):
    sentence = "Enter a format name and at least one section, each with its own name."


class ChangedMeanwhile(Refusal):
    sentence = "Someone else changed this format after you opened it. Review it, then make your change."


@dataclass(frozen=True)
class Section:
    """One section as typed; its key is made here."""

    label: str
    hint: str = ""
    required: bool = False
    key: str = ""  # of the same section in the previous version, to keep its identity


def is_used(row: NoteFormat) -> bool:
    """Whether any note or draft uses this version."""
    return SessionNote.objects.filter(own_format=row).exists()


def notes_in(row: NoteFormat) -> int:
    """How many notes use this version. Only a number: people who make formats may not be allowed to read notes."""
    return SessionNote.objects.filter(own_format=row).count()


def make(
    *, clinic: Clinic, name: str, sections: Sequence[Section], by: StaffMember, kinds: Iterable[str] = ()
) -> NoteFormat:
    """Make a format of the clinic, offered from now on. Raises FormatNameTaken, FormatIncomplete."""
    _demand(by, clinic)
    with act("counseling.make_format", by=by, clinic=clinic) as entry:
        _lock(clinic)
        _check_name(clinic, name)
        row = NoteFormat.objects.create(
            clinic=clinic,
            code=_free_code(clinic, name),
            name=name.strip(),
            layout=_layout(sections),
            kinds=_kinds(kinds),
            made_by=by,
        )
        entry.about(row, sections=len(row.layout))
    return row


def change(
    *,
    row: NoteFormat,
    name: str,
    sections: Sequence[Section],
    by: StaffMember,
    kinds: Iterable[str] = (),
) -> NoteFormat:
    """Change a format. If notes use it, this makes and returns its next version.

    `row` is the version as the person saw it. Raises ChangedMeanwhile if it is another one by now, FormatNameTaken,
    FormatIncomplete.
    """
    _demand(by, row.clinic)
    with act("counseling.change_format", by=by, clinic=row.clinic) as entry:
        _lock(row.clinic)
        stored = _latest(row)
        if (stored.pk, stored.changed_at) != (row.pk, row.changed_at):
            raise ChangedMeanwhile
        _check_name(row.clinic, name, code=stored.code)
        said = {"name": name.strip(), "layout": _layout(sections, stored.layout), "kinds": _kinds(kinds)}
        if all(getattr(stored, field) == value for field, value in said.items()):
            entry.about(stored, version=stored.version, changed=False)
            return stored
        now = timezone.now()
        if is_used(stored):
            was_offered = stored.is_offered
            stored.is_offered = False
            stored.save(update_fields=["is_offered"])
            stored = NoteFormat.objects.create(
                clinic=row.clinic,
                code=stored.code,
                version=stored.version + 1,
                is_offered=was_offered,
                made_by=by,
                **said,
            )
        else:
            for field, value in said.items():
                setattr(stored, field, value)
            stored.changed_at = now
            stored.save(update_fields=[*said, "changed_at"])
        entry.about(stored, version=stored.version, sections=len(stored.layout))
    return stored


def retire(*, row: NoteFormat, by: StaffMember) -> NoteFormat:
    """Retire a format. Existing notes and drafts keep it."""
    return _offer(row, by=by, is_offered=False)


def offer_again(*, row: NoteFormat, by: StaffMember) -> NoteFormat:
    """Offer a retired format again, in its last version. Raises FormatNameTaken."""
    return _offer(row, by=by, is_offered=True)


def _offer(row: NoteFormat, *, by: StaffMember, is_offered: bool) -> NoteFormat:
    _demand(by, row.clinic)
    with act(f"counseling.{'offer' if is_offered else 'retire'}_format", by=by, clinic=row.clinic) as entry:
        _lock(row.clinic)
        stored = _latest(row)
        if is_offered:
            _check_name(row.clinic, stored.name, code=stored.code)
        stored.is_offered = is_offered
        stored.changed_at = timezone.now()
        stored.save(update_fields=["is_offered", "changed_at"])
        entry.about(stored, version=stored.version)
    return stored


def _demand(by: StaffMember, clinic: Clinic) -> None:
    demand(by, Permission.NOTE_FORMATS)
    if by.clinic_id != clinic.pk:
        raise NotPermitted


def _lock(clinic: Clinic) -> None:
    """One change of a clinic's formats at a time: names and versions are compared with the rest."""
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def _latest(row: NoteFormat) -> NoteFormat:
    versions = NoteFormat.objects.select_for_update(of=("self",), no_key=True).select_related("clinic")
    return versions.filter(clinic=row.clinic_id, code=row.code).order_by("-version")[:1].get()


def _check_name(clinic: Clinic, name: str, *, code: str = "") -> None:
    if not name.strip():
        raise FormatIncomplete
    others = NoteFormat.objects.filter(clinic=clinic).offered().exclude(code=code)
    shipped = {each.name.casefold() for each in SHIPPED}
    if name.strip().casefold() in shipped or others.filter(name__iexact=name.strip()).exists():
        raise FormatNameTaken


def _free_code(clinic: Clinic, name: str) -> str:
    """A code that no format of the clinic ever had; it is never shown."""
    stem = slugify(name)[:14].strip("-") or "format"
    taken = set(NoteFormat.objects.filter(clinic=clinic).values_list("code", flat=True)) | set(ShippedFormat.values)
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(code for code in chain((stem,), numbered) if code not in taken)


def _layout(sections: Sequence[Section], before: Iterable[dict[str, object]] = ()) -> list[dict[str, object]]:
    labels = [" ".join(each.label.split()) for each in sections]
    if not 1 <= len(labels) <= MOST_SECTIONS or not all(labels):
        raise FormatIncomplete
    if len({each.casefold() for each in labels}) < len(labels):
        raise FormatIncomplete("Two sections have the same name. Give each its own name.")
    if any(len(each) > LONGEST_LABEL for each in labels) or any(len(each.hint) > LONGEST_HINT for each in sections):
        raise FormatIncomplete
    known = {str(each["key"]) for each in before}
    taken = {each.key for each in sections if each.key in known}
    layout: list[dict[str, object]] = []
    for label, section in zip(labels, sections, strict=True):
        if section.key in taken and section.key not in {each["key"] for each in layout}:
            key = section.key
        else:
            key = _free_key(label, taken | known)
            taken.add(key)
        layout.append({"key": key, "label": label, "hint": section.hint.strip(), "required": section.required})
    return layout


def _free_key(label: str, taken: set[str]) -> str:
    word = slugify(label).replace("-", "_")[:24].strip("_")
    stem = word if word[:1].isalpha() else f"part_{word}".rstrip("_")
    return next(key for key in (stem, *(f"{stem}_{number}" for number in range(2, 9_999))) if key not in taken)


def _kinds(kinds: Iterable[str]) -> list[str]:
    asked = set(kinds)
    unknown = asked - set(Modality.values)
    if unknown:
        raise FormatIncomplete("Choose session types from the list.")
    return [] if asked == set(Modality.values) else [value for value in Modality.values if value in asked]
