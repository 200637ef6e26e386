"""Whether a consent names a person: the one comparison for every kind of form."""

from __future__ import annotations

from cases.people import names
from privacy.models import Consent


def named_on(consent: Consent, recipient: str) -> bool:
    """Whether one of the form's recipient lines is this whole name, as `names.is_whole` compares them.

    Accents, kinds of apostrophe, capitals and the order of first and last name don't matter.
    """
    return any(names.is_whole(recipient, each) for each in consent.recipient_list)
