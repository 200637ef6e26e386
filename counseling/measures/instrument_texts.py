"""Installs item text of instruments that a clinic has a license for.

Text only labels answers: the instrument defines which answers exist and what they count. Each change is a new version,
so a measure keeps showing the text it was completed with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from counseling.codes import Instrument
from counseling.instruments import FORMS, Form, Item
from counseling.models import InstrumentText
from counseling.models.measures.instrument_text import LONGEST_ANSWER, LONGEST_HELP, LONGEST_INTRODUCTION, LONGEST_ITEM
from staff import outside
from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import NotPermitted, Refusal

LARGEST_FILE = 200_000  # bytes; the longest instrument in words is a tenth of it
_HEAD = {"edition": 80, "source": 200, "permission": 300, "introduction": LONGEST_INTRODUCTION}


class TextIncomplete(Refusal):
    sentence = "Enter the edition, copyright holder, permission, and every question."


class ChangedMeanwhile(Refusal):
    sentence = "Someone else installed a new version after you opened this page. Review it, then make your change."


@dataclass
class Words:
    """Item text from a form or file, checked only against its instrument."""

    edition: str = ""
    source: str = ""
    permission: str = ""
    introduction: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """Result of reading a file: the item text, and an error for each refused row."""

    words: Words
    faults: list[str]


def words_of(text: InstrumentText) -> Words:
    """An installed version, to change it."""
    return Words(text.edition, text.source, text.permission, text.introduction, [dict(row) for row in text.items])


def install(*, instrument: Instrument, words: Words, by: StaffMember, seen: int = 0) -> InstrumentText:
    """Install a version of item text for the clinic and make it active.

    `seen` is the last version that the person knew of. Words that are no different make no version. Raises
    TextIncomplete, ChangedMeanwhile, NotPermitted.
    """
    demand(by, Permission.MEASURE_SETUP)
    items = _whole(FORMS[instrument], words)
    said = {name: getattr(words, name).strip() for name in _HEAD} | {"items": items}
    with act("counseling.install_instrument_text", by=by) as entry:
        clinic = _lock(by.clinic)
        versions = InstrumentText.objects.filter(clinic=clinic, instrument=instrument)
        last = versions.order_by("-version").first()
        if (last.version if last else 0) != seen:
            raise ChangedMeanwhile
        if last is not None and last.is_in_use and all(getattr(last, name) == value for name, value in said.items()):
            entry.about(last, version=last.version, changed=False)
            return last
        versions.in_use().update(is_in_use=False)
        text = InstrumentText.objects.create(clinic=clinic, instrument=instrument, version=seen + 1, made_by=by, **said)
        entry.about(text, instrument=instrument, version=text.version)
    return text


def retire(*, text: InstrumentText, by: StaffMember) -> InstrumentText:
    """Retire the installed item text. Existing measures keep it; new ones use built-in text, or none."""
    return _set_use(text, by=by, is_in_use=False)


def use_again(*, text: InstrumentText, by: StaffMember) -> InstrumentText:
    """Make an earlier version the active one."""
    return _set_use(text, by=by, is_in_use=True)


def read_file(instrument: Instrument, content: bytes) -> Reading:
    """Read a file of item text (JSON; the page describes it). Stores nothing; every error names its row."""
    form = FORMS[instrument]
    if len(content) > LARGEST_FILE:
        return Reading(Words(), [f"The file is larger than {LARGEST_FILE // 1000} kB, too large for one instrument."])
    try:
        data = outside.from_json(content.decode("utf-8-sig"))
    except ValueError:  # neither UTF-8 nor JSON
        return Reading(Words(), ["This isn’t a UTF-8 JSON file. Start from the template file on this page."])
    if not isinstance(data, dict):
        return Reading(Words(), ["The file must start with “{” and list one instrument’s questions under “items”."])
    faults = [f"“{name}” isn’t a known field." for name in sorted(set(data) - {*_HEAD, "items"})]
    words = Words()
    for name, longest in _HEAD.items():
        value = data.get(name, "")
        if not isinstance(value, str) or len(value) > longest:
            faults.append(f"“{name}” must be text, up to {longest} characters.")
            value = ""
        setattr(words, name, value.strip())
    rows = data.get("items", [])
    if not isinstance(rows, list):
        return Reading(words, [*faults, "“items” must be a list with one row per question."])
    items: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, 1):
        try:
            item = _row(form, row, items)
        except Refusal as refusal:
            faults.append(f"Row {number}: {refusal.sentence}")
        else:
            items[item["key"]] = item
    missing = [item.key for item in form.items if item.key not in items]
    if missing and not faults:
        faults.append(f"Missing row for {_listed(missing)}.")
    words.items = [items[item.key] for item in form.items if item.key in items]
    return Reading(words, faults)


def file_for(instrument: Instrument, words: Words) -> str:
    """An item text file as `read_file` takes it: the installed text, or a template to fill in."""
    said = {row["key"]: row for row in words.items}
    items = []
    for item in FORMS[instrument].items:
        row = said.get(item.key, {})
        answers = {str(value): row.get("answers", {}).get(str(value), "") for value in item.allowed}
        items.append({"key": item.key, "text": row.get("text", ""), "help": row.get("help", ""), "answers": answers})
    head = {name: getattr(words, name) for name in _HEAD}
    return json.dumps({**head, "items": items}, ensure_ascii=False, indent=2) + "\n"


def _row(form: Form, row: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """One row of a file; a Refusal that says what is wrong with it."""
    if not isinstance(row, dict):
        raise Refusal("it must have “key”, “text” and “answers”.")
    key = row.get("key")
    item = next((each for each in form.items if each.key == str(key)), None)
    if item is None:
        raise Refusal(f"{form.instrument.label} has no question “{key}”. Its questions are {_listed(form.keys)}.")
    if item.key in before:
        raise Refusal(f"question “{item.key}” is listed twice.")
    unknown = sorted(set(row) - {"key", "text", "help", "answers"})
    if unknown:
        raise Refusal(f"question “{item.key}”: “{unknown[0]}” isn’t a known question field.")
    for name, longest in (("text", LONGEST_ITEM), ("help", LONGEST_HELP)):
        value = row.get(name, "")
        if not isinstance(value, str) or len(value) > longest:
            raise Refusal(f"question “{item.key}”: “{name}” must be text, up to {longest} characters.")
    if not row.get("text", "").strip():
        raise Refusal(f"question “{item.key}” has no text.")
    answers = row.get("answers", {})
    if not isinstance(answers, dict):
        raise Refusal(f"question “{item.key}”: “answers” must map each number to a label, like {{“0”: “…”}}.")
    return _cleaned(item, row.get("text", ""), row.get("help", ""), answers)


def _cleaned(item: Item, text: str, help: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    allowed = [str(value) for value in item.allowed]
    for value, words in answers.items():
        if value not in allowed:
            raise Refusal(f"question “{item.key}”: {value} isn’t a valid answer. Valid answers: {', '.join(allowed)}.")
        if not isinstance(words, str) or len(words) > LONGEST_ANSWER:
            raise Refusal(f"question “{item.key}”, answer {value}: must be text, up to {LONGEST_ANSWER} characters.")
    named = {value: answers.get(value, "").strip() for value in allowed}
    return {
        "key": item.key,
        "text": text.strip(),
        "help": help.strip(),
        "answers": {value: words for value, words in named.items() if words},
    }


def _whole(form: Form, words: Words) -> list[dict[str, Any]]:
    """Every question of the instrument in order, each with its text. Raises TextIncomplete."""
    said = {row["key"]: row for row in words.items}
    if not all(getattr(words, name).strip() for name in ("edition", "source", "permission")):
        raise TextIncomplete
    items = []
    for item in form.items:
        row = said.pop(item.key, None)
        if row is None or not row.get("text", "").strip():
            raise TextIncomplete(f"Question “{item.key}” has no text.")
        items.append(_cleaned(item, row["text"], row.get("help", ""), row.get("answers", {})))
    if said:
        raise TextIncomplete(f"{form.instrument.label} has no question “{next(iter(said))}”.")
    return items


def _set_use(text: InstrumentText, *, by: StaffMember, is_in_use: bool) -> InstrumentText:
    demand(by, Permission.MEASURE_SETUP)
    if by.clinic_id != text.clinic_id:
        raise NotPermitted
    verb = "use" if is_in_use else "retire"
    with act(f"counseling.{verb}_instrument_text", by=by) as entry:
        clinic = _lock(by.clinic)
        if is_in_use:
            InstrumentText.objects.in_use().filter(clinic=clinic, instrument=text.instrument).update(is_in_use=False)
        stored = InstrumentText.objects.get(pk=text.pk)
        stored.is_in_use = is_in_use
        stored.save(update_fields=["is_in_use"])
        entry.about(stored, instrument=stored.instrument, version=stored.version)
    return stored


def _lock(clinic: Clinic) -> Clinic:
    """One change of a clinic's texts at a time: versions are counted."""
    return Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(f"“{key}”" for key in keys)
