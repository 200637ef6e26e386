"""Forms to enter an instrument's answers and to mark a measure as entered in error."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from counseling import measures
from counseling.codes import NoReturn
from counseling.instruments import Form as InstrumentForm
from counseling.instruments import Item
from counseling.measures.item_text import WordedItem, Wording
from counseling.models.measures.measure import LONGEST_REASON
from staff.typed_fields import ClockField, KeyField, PastDayField

UNANSWERED = ""


@dataclass(frozen=True)
class Question:
    """One question as the page shows it: its number and words, and the field with its answers."""

    number: str  # empty where the text says it already
    field: BoundField
    text: str
    help: str
    wide: bool  # answers with words behind the number
    then: str = ""  # where the form goes on after some answers
    skipped_after: str = ""  # for the page's script: “1;2,3” says not asked after a 0 at 1, nor after one at 2 and at 3

    @property
    def key(self) -> str:
        """Its key on the form."""
        return self.field.name.removeprefix("item_")

    @property
    def name(self) -> str:
        """The name to use in a sentence."""
        return f"question {self.number}" if self.number else self.text.lower()


class MeasureForm(forms.Form):
    """The answers of one instrument, in words if the clinic may show them, otherwise by the form's own numbers.

    The instrument defines the possible answers, never the text. Unanswered questions stay blank.
    """

    taken_on = PastDayField(label="Date completed")
    taken_time = ClockField(
        label="Time",
        required=False,
        help_text="Leave blank if it was just now, or if you don’t know.",
    )
    text = KeyField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        instrument: InstrumentForm,
        wording: Wording | None = None,
        today: datetime.date | None = None,
        **kwargs: Any,
    ) -> None:
        """`today` is the last day that can be given."""
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        self.today = today
        if today is not None:
            self.fields["taken_on"].widget.attrs["max"] = today.isoformat()
        self._words = {each.key: each for each in wording.items} if wording else {}
        for item in instrument.items:
            self.fields[f"item_{item.key}"] = self._field(item)

    def _field(self, item: Item) -> forms.ChoiceField:
        words = self._words.get(item.key)
        named = dict(words.choices) if words else dict(self.instrument.names_of(item))
        choices = [(str(value), _apart(value, named.get(value, ""))) for value in item.allowed]
        allowed = ", ".join(map(str, item.allowed))
        return forms.ChoiceField(
            label=words.text if words else item.label,
            choices=[(UNANSWERED, "Not answered"), *choices],
            required=False,
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": f"%(value)s is not on the form. Allowed: {allowed}."},
        )

    def clean_taken_on(self) -> datetime.date:
        """Not a day that is still to come."""
        day: datetime.date = self.cleaned_data["taken_on"]
        if self.today is not None and day > self.today:
            raise forms.ValidationError("This date is in the future. Enter the date it was completed.")
        return day

    def clean(self) -> dict[str, Any]:
        """Report an answer to a skipped question beside that question."""
        for key, sentence in measures.contradictions(self.instrument, self.answers):
            self.add_error(f"item_{key}", sentence)
        return self.cleaned_data

    @property
    def questions(self) -> Iterator[Question]:
        """The questions in order, for the page."""
        skips = self.instrument.skips
        for item in self.instrument.items:
            words: WordedItem | None = self._words.get(item.key)
            yield Question(
                number="" if words is None and item.is_numbered else self.instrument.number_of(item),
                field=self[f"item_{item.key}"],
                text=words.text if words else item.label,
                help=words.help if words else item.help,
                wide=bool(words) or bool(self.instrument.names_of(item)),
                then=" ".join(skip.hint for skip in skips if skip.after[-1] == item.key),
                skipped_after=";".join(",".join(skip.after) for skip in skips if item.key in skip.skips),
            )

    @property
    def wrong(self) -> list[Question]:
        """Questions with an answer that the form does not have."""
        return [each for each in self.questions if each.field.errors]

    @property
    def open(self) -> list[Question]:
        """Questions that count and have no answer. None while the whole form is empty: that is refused anyway."""
        given = {key: value for key, value in self.answers.items() if value}
        missing = measures.score(self.instrument.instrument, given).missing if given else ()
        return [each for each in self.questions if each.key in missing]

    @property
    def answers(self) -> dict[str, str]:
        """Item key → answer, the missing ones as empty texts."""
        return {item.key: self.cleaned_data.get(f"item_{item.key}", "") for item in self.instrument.items}


def _apart(value: int, words: str) -> str:
    """An answer's label besides its number; empty if it has only a number."""
    return "" if words == str(value) else words


class NoReturnForm(forms.Form):
    """Why use that a measure reports is no return to use to record."""

    reason = forms.ChoiceField(
        label="Reason", choices=[("", "Choose"), *NoReturn.choices], error_messages={"required": "Choose a reason."}
    )
    words = forms.CharField(label="Comment", max_length=LONGEST_REASON, required=False)


class TakeBackForm(forms.Form):
    """Why a measure was entered in error."""

    reason = forms.CharField(
        label="Reason",
        max_length=LONGEST_REASON,
        help_text="For example: wrong client, entered twice, wrong answer to question 4.",
        error_messages={"required": "Enter a short reason."},
    )
