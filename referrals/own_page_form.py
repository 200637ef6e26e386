"""What the private page takes: plain fields, each cleaned like every value from outside."""

from __future__ import annotations

from typing import Any

from django import forms

from .models.own_report import BEST, LONGEST_LINE, STRONGEST
from .own_page_words import WORDS

_YES_NO = (("yes", "yes"), ("no", "no"))


class OwnPageForm(forms.Form):
    """The answers, in the words of one language."""

    attended = forms.ChoiceField(choices=_YES_NO)
    how_it_was = forms.ChoiceField(choices=[(str(n), str(n)) for n in range(1, BEST + 1)], required=False)
    line = forms.CharField(max_length=LONGEST_LINE, required=False)
    craving = forms.ChoiceField(choices=[(str(n), str(n)) for n in range(STRONGEST + 1)], required=False)
    again = forms.ChoiceField(choices=_YES_NO, required=False)
    sent_as = forms.RegexField(r"^[0-9a-f]{32}$", required=False)

    def __init__(self, data: Any = None, *, language: str = "en", initial: dict[str, str] | None = None) -> None:
        super().__init__(data, initial=initial)
        words = WORDS[language]
        for field in self.fields.values():
            field.error_messages |= dict.fromkeys(("invalid_choice", "invalid"), words["not_possible"])  # type: ignore[arg-type]
        self.fields["attended"].error_messages["required"] = str(words["choose"])
        self.fields["line"].error_messages["max_length"] = str(words["too_long"])

    @property
    def answers(self) -> dict[str, Any]:
        """As `own_reports.answer` takes them."""
        said = self.cleaned_data
        return {
            "attended": said["attended"] == "yes",
            "how_it_was": int(said["how_it_was"]) if said["how_it_was"] else None,
            "line": said["line"],
            "craving": int(said["craving"]) if said["craving"] else None,
            "again": said["again"] == "yes" if said["again"] else None,
            "sent_as": said["sent_as"],
        }
