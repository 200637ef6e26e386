"""Which words of a private link were heard as danger: read from the replies about danger, never searched again.

`own_reports.tell_of_danger` is the one that hears and tells (reminders/crisis_words.py says what). What it told names
the link and the words, so the referral's page can say it beside the report without a rule of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db.models import QuerySet

from cases.models import Client
from reminders import meaning
from reminders.models import CrisisReply
from reminders.models.crisis import ON_PAGE
from staff import outside
from staff.models import StaffMember

from .models import OwnReport


def of_link(link_id: int) -> str:
    """How the key of every reply about danger begins that came by this link."""
    return f"{ON_PAGE}{link_id}-"


def key(link_id: int, words: str) -> str:
    """How the keys of these words by this link begin: letter case, blanks and unseen letters aside."""
    plain = meaning.plain_text(outside.text(words))
    return f"{of_link(link_id)}{hashlib.sha256(plain.encode('utf-8', 'replace')).hexdigest()[:16]}"


def of_client(*, client: Client, by: StaffMember) -> QuerySet[CrisisReply]:
    """What came about danger by a client's private links, the latest first."""
    return (
        CrisisReply.objects.visible_to(by)
        .filter(client=client, source_key__startswith=ON_PAGE)
        .order_by("-received_at", "-pk")
    )


def heard_in(report: OwnReport, told: Iterable[CrisisReply]) -> CrisisReply | None:
    """What was told of a report's line, the latest if it was told again; None if it was not heard as danger."""
    begins = key(report.link_id, report.line)
    return next((each for each in told if each.source_key.startswith(begins)), None)
