"""Filters for the client list and closed inquiries. They name no one, so they may appear in URLs."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django_filters import ChoiceFilter, ModelChoiceFilter

from cases.models import CareTeamMember, Inquiry, TreatmentEpisode
from cases.models.people.client import ClientQuerySet
from staff.filters import ListFilter, SinceFilter, TickFilter, UntilFilter
from staff.models import Program

OPEN_HERE = TreatmentEpisode.objects.filter(client=OuterRef("pk"), discharged_on=None)


class ClientFilter(ListFilter):
    """By program, in care or not, or the user's own care teams."""

    program = ModelChoiceFilter(
        label="Program",
        queryset=lambda request: Program.objects.visible_to(request.user),
        empty_label="All programs",
        method="in_program",
    )
    care = ChoiceFilter(
        label="In care",
        choices=(("open", "In care"), ("none", "Not in care")),
        empty_label="In care or not",
        method="in_care",
    )
    mine = TickFilter(label="My clients", method="of_mine")

    def in_program(self, clients: ClientQuerySet, name: str, program: Program) -> ClientQuerySet:  # noqa: ARG002
        """In care in this program."""
        return clients.filter(Exists(OPEN_HERE.filter(program=program)))

    def in_care(self, clients: ClientQuerySet, name: str, care: str) -> ClientQuerySet:  # noqa: ARG002
        """In care anywhere, or nowhere."""
        return clients.filter(Exists(OPEN_HERE) if care == "open" else ~Exists(OPEN_HERE))

    def of_mine(self, clients: ClientQuerySet, name: str, mine: bool) -> ClientQuerySet:  # noqa: ARG002
        """Only clients whose care team the reader is on."""
        own = CareTeamMember.objects.caseload(self.request.user)
        return clients.filter(pk__in=own.values("client"))


class ClosedInquiryFilter(ListFilter):
    """By outcome, or received between two clinic days (inclusive)."""

    stage = ChoiceFilter(
        label="Outcome",
        choices=[(each.value, each.label) for each in Inquiry.Stage if each in Inquiry.CLOSED_STAGES],
        empty_label="Any",
    )
    since = SinceFilter("taken_at", label="Called from")
    until = UntilFilter("taken_at", label="Called through")
