"""Keys for the copy of unsaved words that the author's own browser keeps.

The copy lies encrypted in the browser (static/js/draft-copy.js); the key never does. It comes with the page, to the
author of that note alone and only while they are signed in, so whoever else sits down at the machine has noise. See
docs/decisions/0011-unsaved-words.md.
"""

from __future__ import annotations

import base64

from django.conf import settings
from django.utils.crypto import salted_hmac

from counseling.models import SessionNote
from staff.models import StaffMember


def keys(note: SessionNote, staff_member: StaffMember) -> list[str]:
    """256-bit keys in base64, the one to write with first; none for anybody but the author.

    Made from the installation's secret, so nothing has to be stored; one for each secret that is still accepted.
    """
    if note.author_id != staff_member.pk:
        return []
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    whose = f"{note.pk}.{staff_member.pk}"
    made = [salted_hmac("counseling.copies", whose, secret=each, algorithm="sha256") for each in secrets]
    return [base64.b64encode(each.digest()).decode() for each in made]
