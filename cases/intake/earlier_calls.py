"""Open inquiries that may be about the same person, shown while a call is taken.

Nothing is merged. Each one is a reason to open the earlier call instead of recording the same thing twice.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from cases.models import Client, Inquiry
from cases.people import matching, phones
from cases.people.search_query import Identifiers
from staff.encrypted_fields import if_readable
from staff.models import StaffMember

SHOWN = 5
LOWEST_SCORE = 33  # a first and a last name that only look alike; or the same birth date with any name
PHONE_TAIL = 7  # digits by which a number is looked for before it is read in full


@dataclass(frozen=True)
class EarlierCall:
    """An open inquiry that may be about the same person, and why."""

    inquiry: Inquiry
    score: int
    reasons: tuple[str, ...]

    @property
    def by_number_only(self) -> bool:
        """Neither a name nor the birth date matches: someone in the same household, so it is suggested quietly."""
        return not matching.says_who(self.reasons)


def alike(
    *,
    staff_member: StaffMember,
    given_name: str = "",
    family_name: str = "",
    birth_date: datetime.date | None = None,
    birth_year: int | None = None,
    numbers: Collection[str] = (),
    ssn_last4: str = "",
    besides: Inquiry | None = None,
    entry_key: uuid.UUID | None = None,
) -> list[EarlierCall]:
    """Visible open inquiries with the same phone number or a similar name and birth date.

    Leaves out the call itself: the row `besides`, or the one typed into the form `entry_key`. Best match first, at most
    five; one query. Drafts count: two people may be taking calls about one person right now.
    """
    known = Identifiers(given_name.strip(), family_name.strip(), birth_date, "", ssn_last4.strip(), birth_year)
    wanted = {number for number in map(phones.e164, numbers) if number}
    if not (wanted or known.has_enough):
        return []
    rows = Inquiry.objects.visible_to(staff_member).open().select_related("taken_by").order_by("-taken_at", "-pk")
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    found = [
        _compared(known, wanted, inquiry) for inquiry in rows if entry_key is None or inquiry.entry_key != entry_key
    ]
    likely = [call for call in found if call.score >= LOWEST_SCORE]
    return sorted(likely, key=lambda call: (call.by_number_only, -call.score))[:SHOWN]


def _compared(known: Identifiers, wanted: Collection[str], inquiry: Inquiry) -> EarlierCall:
    described = Client(
        given_name=inquiry.given_name,
        family_name=inquiry.family_name,
        birth_date=inquiry.birth_date,
        birth_year=inquiry.birth_year,
        ssn_last4=if_readable(inquiry, "ssn_last4"),
    )
    score, reasons = matching.compare(known, described)
    if _is_reached_at(wanted, inquiry):
        # a number alone is enough to be suggested: a mother calls about her son, and he from her phone
        points, reason = matching.SAME_PHONE
        score, reasons = max(score, 0) + points, (*reasons, reason)
    return EarlierCall(inquiry, min(score, 100), reasons)


def _is_reached_at(wanted: Collection[str], inquiry: Inquiry) -> bool:
    tails = {number[-PHONE_TAIL:] for number in wanted}
    for held in (inquiry.phone, inquiry.call_back_phone):
        digits = "".join(each for each in held if each.isdigit())
        if digits[-PHONE_TAIL:] in tails and phones.e164(held) in wanted:
            return True
    return False
