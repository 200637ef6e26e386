"""Closed inquiries: search by words, outcome and date."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Q, TextField, Value
from django.db.models.functions import Concat

from cases.models import Inquiry
from cases.models.intake import InquiryQuerySet
from cases.models.people.client import NameWords, Plain
from cases.people import names
from staff.models import StaffMember
from staff.outside import is_digits

PAGE = 50
# The caller's name is in the place of another name: what was typed may be the start of either.
NAMES = ("given_name", "caller_name", "family_name")
TEXTS = ("reason", "closing_reason", "payer")
_TEXTS = [part for name in TEXTS for part in (Value(" "), name)]
PHONES = ("phone", "call_back_phone")


@dataclass(frozen=True)
class Page:
    """Some ended inquiries, the latest call first, and the id of the last one if more follow."""

    inquiries: list[Inquiry]
    after: int | None


def page(inquiries: InquiryQuerySet, *, after: int | None) -> Page:
    """The rows after the one with the id `after`, in at most two queries."""
    last = inquiries.filter(pk=after).values_list("taken_at", "pk").first() if after else None
    if last:
        taken_at, pk = last
        inquiries = inquiries.filter(taken_at__lte=taken_at).filter(Q(taken_at__lt=taken_at) | Q(pk__lt=pk))
    rows = list(inquiries.select_related("program", "taken_by").order_by("-taken_at", "-pk")[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def ended(staff_member: StaffMember) -> InquiryQuerySet:
    """Admitted, referred or closed inquiries that the staff member may see."""
    return Inquiry.objects.visible_to(staff_member).filter(stage__in=Inquiry.CLOSED_STAGES)


def matching(inquiries: InquiryQuerySet, words: str) -> InquiryQuerySet:
    """Only inquiries that contain every word, in names (as cases.people.names reads them) or in the call's text."""
    if words.strip():
        texts = Concat(*_TEXTS, output_field=TextField())
        inquiries = inquiries.alias(everything=Concat(NameWords(*NAMES, Value("")), Plain(texts)))
        numbers = [word for word in words.split() if is_digits(_digits(word))]
        for word in numbers:
            inquiries = inquiries.filter(_has_number(word))
        named = " ".join(word for word in words.split() if word not in numbers)
        if readings := names.readings(named):
            inquiries = inquiries.filter(everything__regex="|".join(map(_all_of, readings)))
    return inquiries


def _all_of(reading: tuple[str, ...]) -> str:
    """A pattern for a text that holds each word, or part of a word, in any order."""
    return "^" + "".join(f"(?=.*{re.escape(word)})" for word in reading)


def _has_number(word: str) -> Q:
    """The digits in any text of the call, or inside a phone number, however it was written."""
    found = Q(everything__contains=names.plain(word))
    for name in PHONES:
        found |= Q(**{f"{name}__regex": r"\D*".join(_digits(word))})
    return found


def _digits(word: str) -> str:
    return re.sub(r"[().+-]", "", word)
