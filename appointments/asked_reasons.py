"""Reasons that a form asks for only after a refusal: why it has to be then, why both are needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from appointments.openings import value_of
from staff.refusals import Refusal


class AsksReasons(forms.BaseForm):
    """A form with a field `<name>_reason` for each name, shown once what it explains was refused."""

    asked_after: ClassVar[Mapping[str, tuple[type[Refusal], ...]]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of which choice a refusal was shown. A reason counts for this one, and for nothing chosen since.
        names = self.asked_after
        self.shown = {name: str(self.data.get(f"{name}_shown", "")) if self.is_bound else "" for name in names}

    def chosen(self) -> str:
        """The time that was chosen, as one word; a form in which more is chosen adds it."""
        return f"{value_of(self.cleaned_data['starts_at'])}-{self.cleaned_data['minutes']}"

    def ask_why(self, refusal: Refusal) -> None:
        """Show the field for the reason that would lift this refusal, if one would."""
        for name, kinds in self.asked_after.items():
            if isinstance(refusal, kinds):
                self.shown[name] = self.chosen()

    def asked_reasons(self) -> list[tuple[forms.BoundField, str, str]]:
        """The reasons that a refusal asked for, each with the name and the value of what was refused."""
        return [(self[f"{name}_reason"], f"{name}_shown", shown) for name, shown in self.shown.items() if shown]

    def reason_for(self, name: str) -> str:
        """A reason, if it was asked for about what is chosen now."""
        return str(self.cleaned_data[f"{name}_reason"]) if self.shown[name] == self.chosen() else ""
