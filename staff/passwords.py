"""Passwords that a machine would soon guess are refused: repeats, runs of keys, dates, names, words that others use.

zxcvbn estimates how many guesses a password needs by the ways in which people make them. It ships lists of passwords
from breaches, of English words and of names, and sees through capitals, swapped letters (p@ssw0rd) and mirror images.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from staff.models import StaffMember

ENOUGH = 4  # of 0 to 4: more than 10^10 guesses
LOOKED_AT = 72  # characters; a longer beginning is strong enough or not, and would take long to estimate


class GuessValidator:
    """Refuses what takes few guesses, by someone who knows the person's name, address and clinic."""

    def validate(self, password: str, user: StaffMember | None = None) -> None:
        """Raise ValidationError with a sentence that says what to do instead."""
        from zxcvbn import zxcvbn  # its lists take a while to load, and few requests need them

        found = zxcvbn(password[:LOOKED_AT], user_inputs=_known_of(user))
        if found["score"] < ENOUGH:
            why = (found["feedback"]["warning"] or "").rstrip(".")
            raise ValidationError(
                f"This password is too easy to guess{f' ({why[0].lower()}{why[1:]})' if why else ''}. "
                "Take four or more unrelated words.",
                code="password_too_easy",
            )

    def get_help_text(self) -> str:
        """What the form says."""
        return "At least 12 characters that are hard to guess: four unrelated words, for example."


def _known_of(user: StaffMember | None) -> list[str]:
    known = ["onward", "clinic", "counselor", "recovery"]
    if user is not None and getattr(user, "clinic_id", None):
        said = (user.email, user.given_name, user.family_name, user.clinic.name, user.clinic.neutral_name)
        known += [word.lower() for each in said for word in (each, *re.split(r"\W+", each)) if len(word) > 2]
    return known
