"""Keys for the encrypted copy of unsaved text in the author's own browser.

The browser stores the encrypted copy (static/js/draft-copy.js), never the key. The key comes with the page, only to the
note's author and only while they are signed in, so the next person at the machine can't read anything. See
docs/decisions/0011-unsaved-words.md.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from django.conf import settings
from django.utils.crypto import salted_hmac

from counseling.models import SeparateNote, SessionNote
from staff.models import StaffMember


@dataclass(frozen=True)
class Place:
    """Where a page keeps unsaved text of one note: the name of the copies and their keys."""

    id: str
    keys: str  # 256 bits each in base64, separated by spaces; the one to write with comes first


def place_for(note: SessionNote | SeparateNote, staff_member: StaffMember) -> Place | None:
    """What the author's page needs; None for anyone else.

    The keys are derived from the installation's secret, so nothing is stored: one for each secret that is still
    accepted.
    """
    writer = note.writer_id if isinstance(note, SessionNote) else note.author_id
    if writer != staff_member.pk:
        return None
    name = f"{note._meta.model_name}-{note.pk}"
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    whose = f"{name}.{staff_member.pk}"
    made = [salted_hmac("counseling.copies", whose, secret=each, algorithm="sha256") for each in secrets]
    return Place(id=name, keys=" ".join(base64.b64encode(each.digest()).decode() for each in made))
