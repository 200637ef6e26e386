"""Forms to install an instrument's item text and to set due dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from counseling.codes import Instrument
from counseling.instruments import Form as InstrumentForm
from counseling.instruments import Item
from counseling.measures.instrument_texts import LARGEST_FILE, Words
from counseling.measures.measure_schedule import Rule
from counseling.models.measures.instrument_text import LONGEST_ANSWER, LONGEST_HELP, LONGEST_INTRODUCTION, LONGEST_ITEM
from counseling.models.measures.measure_rule import LONGEST_INTERVAL
from staff.typed_fields import KeyField, NumberField


@dataclass(frozen=True)
class ItemFields:
    """The fields of one question: its text, its help, and a name for each answer that it has."""

    number: str
    key: str
    text: BoundField
    help: BoundField
    answers: list[tuple[int, BoundField]]


class InstrumentTextForm(forms.Form):
    """The copyright holder, and one field per question; the instrument defines the possible answers."""

    edition = forms.CharField(
        label="Edition", max_length=80, help_text="For example: “English, 2018” or “Spanish, clinic license 2026”."
    )
    source = forms.CharField(label="Copyright holder", max_length=200)
    permission = forms.CharField(
        label="Permission to use it",
        max_length=300,
        help_text="License number, contract, or permission letter.",
    )
    introduction = forms.CharField(
        label="Introduction",
        max_length=LONGEST_INTRODUCTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown above the questions.",
    )
    seen = KeyField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, instrument: InstrumentForm, words: Words | None = None, **kwargs: Any) -> None:
        """Filled in from `words` if nothing was typed yet."""
        self.instrument = instrument
        self.alike = _alike(instrument)
        if words is not None:
            kwargs["initial"] = {**kwargs.get("initial", {}), **self._begun_with(words)}
        super().__init__(*args, **kwargs)
        for value in self.alike:
            self.fields[f"same_{value}"] = _answer(value)
        for item in instrument.items:
            self.fields[f"text_{item.key}"] = forms.CharField(
                label="Text",
                max_length=LONGEST_ITEM,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": "Enter the question text."},
            )
            self.fields[f"help_{item.key}"] = forms.CharField(
                label="Help text", max_length=LONGEST_HELP, required=False
            )
            for value in item.allowed:
                self.fields[f"answer_{item.key}_{value}"] = _answer(value)

    def _begun_with(self, words: Words) -> dict[str, Any]:
        """Answers common to all questions appear once, above them."""
        said = {row["key"]: row for row in words.items}
        named = [said.get(item.key, {}).get("answers", {}) for item in self.instrument.items]
        once = named[0] if self.alike and all(each == named[0] for each in named) else {}
        initial: dict[str, Any] = {
            "edition": words.edition,
            "source": words.source,
            "permission": words.permission,
            "introduction": words.introduction,
            **{f"same_{value}": name for value, name in once.items()},
        }
        for key, row in said.items():
            initial |= {f"text_{key}": row.get("text", ""), f"help_{key}": row.get("help", "")}
            if not once:
                initial |= {f"answer_{key}_{value}": name for value, name in row.get("answers", {}).items()}
        return initial

    @property
    def same(self) -> list[tuple[int, BoundField]]:
        """Answer labels shared by all questions, if they are the same."""
        return [(value, self[f"same_{value}"]) for value in self.alike]

    @property
    def rows(self) -> Iterator[ItemFields]:
        """The questions in order, for the page."""
        for item in self.instrument.items:
            answers = [(value, self[f"answer_{item.key}_{value}"]) for value in item.allowed]
            number = self.instrument.number_of(item)
            yield ItemFields(number, item.key, self[f"text_{item.key}"], self[f"help_{item.key}"], answers)

    @property
    def words(self) -> Words:
        """The typed text, as `instrument_texts.install` takes it."""
        said = self.cleaned_data
        items = [
            {
                "key": item.key,
                "text": said[f"text_{item.key}"],
                "help": said[f"help_{item.key}"],
                "answers": {str(value): self._named(item, value) for value in item.allowed},
            }
            for item in self.instrument.items
        ]
        return Words(said["edition"], said["source"], said["permission"], said["introduction"], items)

    def _named(self, item: Item, value: int) -> str:
        own: str = self.cleaned_data[f"answer_{item.key}_{value}"]
        return own or self.cleaned_data.get(f"same_{value}", "")


class TextFileForm(forms.Form):
    """A file with one instrument's item text."""

    file = forms.FileField(label="File", help_text=f"JSON, at most {LARGEST_FILE // 1000} kB.", allow_empty_file=True)


class RulesForm(forms.Form):
    """Due dates at one group of levels."""

    def __init__(self, *args: Any, rules: Mapping[Instrument, Rule], **kwargs: Any) -> None:
        """Filled in with the current rules."""
        super().__init__(*args, **kwargs)
        for instrument in Instrument:
            rule = rules.get(instrument, Rule())
            for name, lowest, value in (("within", 0, rule.within), ("every", 1, rule.every)):
                words = (
                    "due within (days after admission or level change)" if name == "within" else "repeat every (days)"
                )
                said = f"A whole number of days from {lowest} to {LONGEST_INTERVAL}, or leave blank."
                self.fields[f"{name}_{instrument.value}"] = NumberField(
                    label=f"{instrument.label}, {words}",
                    min_value=lowest,
                    max_value=LONGEST_INTERVAL,
                    required=False,
                    initial=value,
                    widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
                    error_messages={"invalid": said, "min_value": said, "max_value": said},
                )
                self.fields[f"seen_{name}_{instrument.value}"] = NumberField(
                    required=False, initial=value, widget=forms.HiddenInput
                )

    @property
    def rows(self) -> Iterator[tuple[Instrument, BoundField, BoundField]]:
        """An instrument with its two fields, for the page."""
        for instrument in Instrument:
            yield instrument, self[f"within_{instrument.value}"], self[f"every_{instrument.value}"]

    @property
    def seen(self) -> Iterator[BoundField]:
        """The rules that the page showed, hidden."""
        return (self[name] for name in self.fields if name.startswith("seen_"))

    @property
    def rules(self) -> dict[Instrument, Rule]:
        """The person's changes, as `measure_schedule.change` takes them; everything else keeps its current value."""
        return {each: rule for each in Instrument if (rule := self._rule("", each)) != self._rule("seen_", each)}

    @property
    def known(self) -> dict[Instrument, Rule]:
        """The rules they changed, as they saw them."""
        return {each: self._rule("seen_", each) for each in self.rules}

    def show_now(self, rules: Mapping[Instrument, Rule]) -> None:
        """Treat the current rules as seen, so changes by others to rules this person left alone are kept."""
        data = dict(self.data.items())
        for instrument in Instrument:
            now = rules.get(instrument, Rule())
            mine = self._rule("", instrument) != self._rule("seen_", instrument)
            for name, value in (("within", now.within), ("every", now.every)):
                shown = "" if value is None else str(value)
                data[f"seen_{name}_{instrument.value}"] = shown
                if not mine:
                    data[f"{name}_{instrument.value}"] = shown
        self.data = data

    def _rule(self, which: str, instrument: Instrument) -> Rule:
        names = [f"{which}{name}_{instrument.value}" for name in ("within", "every")]
        # a page that does not say what it showed showed what there is
        within, every = (
            self.cleaned_data[name] if not which or name in self.data else self.fields[name].initial for name in names
        )
        return Rule(within, every)


def _alike(instrument: InstrumentForm) -> tuple[int, ...]:
    """The answers, if every question has the same ones."""
    sets = {item.allowed for item in instrument.items}
    return next(iter(sets)) if len(sets) == 1 else ()


def _answer(value: int) -> forms.CharField:
    return forms.CharField(label=f"{value} label", max_length=LONGEST_ANSWER, required=False)
