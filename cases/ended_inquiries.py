"""Inquiries that have ended: every one of them can be found again, by words, by how it ended and by when it came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from cases.models import Inquiry
from cases.models.inquiry import InquiryQuerySet
from staff.days import beginning_of, end_of
from staff.models import StaffMember
from staff.outside import is_digits

PAGE = 50
TEXTS = ("given_name", "family_name", "caller_name", "reason", "closing_reason", "payer")
PHONES = ("phone", "call_back_phone")


@dataclass(frozen=True)
class Page:
    """Some ended inquiries, the latest call first, and the id of the last one if more follow."""

    inquiries: list[Inquiry]
    after: int | None


def page(inquiries: InquiryQuerySet, *, after: int | None) -> Page:
    """Those behind the one with the id `after`. At most two queries, however many there are."""
    last = inquiries.filter(pk=after).values_list("taken_at", "pk").first() if after else None
    if last:
        taken_at, pk = last
        inquiries = inquiries.filter(taken_at__lte=taken_at).filter(Q(taken_at__lt=taken_at) | Q(pk__lt=pk))
    rows = list(inquiries.select_related("program", "taken_by").order_by("-taken_at", "-pk")[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def ended(staff_member: StaffMember) -> InquiryQuerySet:
    """Those that led somewhere, admitted, referred or closed, and that the staff member may see."""
    return Inquiry.objects.visible_to(staff_member).filter(stage__in=Inquiry.CLOSED_STAGES)


def narrowed(
    inquiries: InquiryQuerySet, wanted: dict[str, Any], *, words: str, staff_member: StaffMember
) -> InquiryQuerySet:
    """Only those that ended so, came between two days of the clinic, both included, and hold every word."""
    if stage := wanted.get("stage"):
        inquiries = inquiries.filter(stage=stage)
    zone = staff_member.clinic.zone
    if since := wanted.get("since"):
        inquiries = inquiries.filter(taken_at__gte=beginning_of(since, zone))
    if until := wanted.get("until"):
        inquiries = inquiries.filter(taken_at__lt=end_of(until, zone))
    for word in words.split():
        inquiries = inquiries.filter(_holds(word))
    return inquiries


def _holds(word: str) -> Q:
    """The word in any text of the call, accents aside; digits also inside a phone number, however it was written."""
    found = Q()
    for name in TEXTS:
        found |= Q(**{f"{name}__unaccent__icontains": word})
    digits = re.sub(r"[().+-]", "", word)
    if is_digits(digits):
        for name in PHONES:
            found |= Q(**{f"{name}__regex": r"\D*".join(digits)})
    return found
