"""An instrument's item text: built in if its owner allows it, otherwise what the clinic installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from counseling.codes import Instrument
from counseling.instruments import FORMS, Form
from counseling.models import InstrumentText
from staff.models import Clinic


@dataclass(frozen=True)
class WordedItem:
    """One question's text, with a label for each allowed answer."""

    key: str
    text: str
    choices: tuple[tuple[int, str], ...]
    help: str = ""


@dataclass(frozen=True)
class Wording:
    """All the text of an instrument that a person reads while completing it, and its copyright holder."""

    form: Form
    introduction: str
    items: tuple[WordedItem, ...]
    source: str
    text: InstrumentText | None = None  # the version the clinic installed; None: the text ships with the product


SHIPPED_SOURCE = "Pfizer; no permission required to reproduce, translate, display or distribute"


def wording_for(clinic: Clinic, instrument: str) -> Wording | None:
    """The text in which this clinic may show the instrument to a client, or None if it may not.

    `instrument` is a value of codes.Instrument. Text installed by the clinic comes before text that ships.
    """
    installed = InstrumentText.objects.in_use().filter(clinic=clinic, instrument=instrument).first()
    return wording_of(installed) if installed else shipped(instrument)


def wordings_for(clinic: Clinic, instruments: Iterable[Instrument]) -> list[Wording | None]:
    """The same for several instruments, in one query."""
    chosen = [each.value for each in instruments]
    installed: dict[str, InstrumentText] = {}
    for text in InstrumentText.objects.in_use().filter(clinic=clinic, instrument__in=chosen):
        installed.setdefault(text.instrument, text)
    return [wording_of(installed[each]) if each in installed else shipped(each) for each in chosen]


def shipped(instrument: str) -> Wording | None:
    """Text that ships with the product because its owner lets anyone show it."""
    form = FORMS[Instrument(instrument)]
    if not form.introduction:
        return None
    items = (
        WordedItem(
            item.key, item.label, tuple((value, form.names_of(item)[value]) for value in item.allowed), item.help
        )
        for item in form.items
    )
    return Wording(form, form.introduction, tuple(items), SHIPPED_SOURCE)


def wording_of(text: InstrumentText) -> Wording:
    """One installed version in words. Which answers there are is the instrument's own; the text only names them."""
    form = FORMS[Instrument(text.instrument)]
    said = {row["key"]: row for row in text.items}
    items = []
    for item in form.items:
        row = said.get(item.key, {})
        names = row.get("answers", {})
        choices = tuple(
            (value, names.get(str(value)) or form.names_of(item).get(value) or str(value)) for value in item.allowed
        )
        items.append(WordedItem(item.key, row.get("text") or item.label, choices, row.get("help", "")))
    return Wording(form, text.introduction, tuple(items), text.source, text)


@dataclass(frozen=True)
class Answered:
    """One question with the answer that was given, for reading."""

    number: str  # empty where the text says it already
    text: str
    answer: int | None
    words: str
    is_skipped: bool = False  # the form does not ask it after the other answers


def answered(form: Form, wording: Wording | None, answers: Mapping[str, int], *, rules_version: int) -> list[Answered]:
    """Every question in order with its answer, in words if there are any.

    Uses the rules of the version it was completed under: an answer since removed from the form keeps the label from the
    clinic's text, and never gets a label added to answers later.
    """
    is_current = rules_version == form.rules_version
    skipped = form.skipped(answers) if is_current else frozenset[str]()
    own = {row["key"]: row.get("answers", {}) for row in wording.text.items} if wording and wording.text else {}
    worded = {each.key: each for each in wording.items} if wording else {}
    found = []
    for item in form.items:
        words = worded.get(item.key)
        number = "" if words is None and item.is_numbered else form.number_of(item)
        given = answers.get(item.key)
        named: Mapping[int, str] = form.names_of(item) if is_current else form.choices
        if words:
            named = dict(words.choices)
        if item.key in own and not is_current:
            named = {int(value): called for value, called in own[item.key].items()}
        called = named.get(given, "") if given is not None else ""
        text = words.text if words else item.label
        is_skipped = given is None and item.key in skipped
        found.append(Answered(number, text, given, "" if called == str(given) else called, is_skipped))
    return found
