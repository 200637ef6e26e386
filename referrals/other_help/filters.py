"""Filters of the directory of places and of the referrals to them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, ModelChoiceFilter

from referrals.models import ServiceKind, ServicePlace, ServiceReferral
from referrals.models.service_place import ServicePlaceQuerySet
from referrals.models.service_referral import STATES
from staff.filters import ListFilter, TickFilter, WhichFilter

from . import today


class ServicePlaceFilter(ListFilter):
    """By words, by what it gives, in use or not."""

    wide = ("q",)

    q = CharFilter(label="Name, language, or words", method="about", widget=forms.TextInput(attrs={"type": "search"}))
    kind = ChoiceFilter(label="For", choices=ServiceKind.choices, empty_label="Anything", method="for_kind")
    use = WhichFilter(
        label="In use",
        choices=(("no", "No longer used"), ("all", "All")),
        empty_label="In use",
        which="of_use",
    )

    def about(self, rows: QuerySet[ServicePlace], name: str, words: str) -> QuerySet[ServicePlace]:  # noqa: ARG002
        """Every word somewhere in what is known of the place."""
        for word in words.split():
            found = Q()
            for column in ("name", "address", "languages", "costs", "what_to_bring", "contact_person", "notes"):
                found |= Q(**{f"{column}__icontains": word})
            rows = rows.filter(found)
        return rows

    def for_kind(self, rows: ServicePlaceQuerySet, name: str, kind: str) -> ServicePlaceQuerySet:  # noqa: ARG002
        """Places that give this kind of help."""
        return rows.for_kind(kind)

    def of_use(self, rows: ServicePlaceQuerySet, use: str) -> ServicePlaceQuerySet:
        """Those in use by default."""
        if use == "all":
            return rows
        return rows.exclude(is_in_use=True) if use == "no" else rows.in_use()


class ServiceReferralFilter(ListFilter):
    """By status, kind and place, one's own, and those that have waited too long."""

    state = WhichFilter(
        label="Status",
        choices=[*((step.value, step.label) for step in STATES), ("all", "All, including closed")],
        empty_label="All open",
        which="in_state",
    )
    kind = ChoiceFilter(label="For", choices=ServiceKind.choices, empty_label="Anything")
    place = ModelChoiceFilter(
        label="Place", queryset=lambda request: ServicePlace.objects.visible_to(request.user), empty_label="Any place"
    )
    late = TickFilter(label="Open too long", method="waiting")
    mine = TickFilter(label="Mine to follow", method="followed")

    def in_state(self, rows: Any, state: str) -> QuerySet[ServiceReferral]:
        """Open ones by default."""
        if state == "all":
            return rows
        return rows.filter(state=state) if state else rows.open()

    def waiting(self, rows: Any, name: str, late: bool) -> QuerySet[ServiceReferral]:  # noqa: ARG002
        """As Today has it."""
        clinic = self.request.user.clinic
        day = timezone.localdate(timezone=clinic.zone)
        sent, accepted, was_seen = today.last_days(clinic, day).values()
        return rows.filter(today.waits_too_long(day=day, sent=sent, accepted=accepted, was_seen=was_seen))

    def followed(self, rows: Any, name: str, mine: bool) -> QuerySet[ServiceReferral]:  # noqa: ARG002
        """As Today has it."""
        return today.followed_by(rows, self.request.user, timezone.now())
