from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Client
from staff.access import Permission, can
from staff.models import Clinic

from .asked import AskedAbout
from .disclosure import Disclosure

if TYPE_CHECKING:
    from staff.models import StaffMember


class RequestStepQuerySet(models.QuerySet["RequestStep"]):
    def visible_to(self, staff_member: StaffMember) -> RequestStepQuerySet:
        """The clinic's steps, for those who work the queue."""
        if not can(staff_member, Permission.REQUESTS_WORK):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)


class RequestStep(models.Model):
    """One step of a request in the privacy officer's queue. Append-only; a merge may move its client.

    After the last one (closed) nothing follows, and only a request with a clock of law can be extended, once and by at
    most 30 days (45 CFR 164.524(b)(2)(iii), 164.528(c)(1)(ii)): a trigger holds both.
    """

    class Step(models.TextChoices):
        TAKEN = "taken", "Taken"
        OF = "of", "Client identified"
        EXTENDED = "extended", "Extended"
        NOTED = "noted", "Note"
        CLOSED = "closed", "Closed"

    class Outcome(models.TextChoices):
        GIVEN = "given", "Given to the client"
        RELEASED = "released", "Disclosed as the law allows"
        DENIED = "denied", "Denied, in neutral words"
        REFUSED = "refused", "Denied to the client in writing"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Ground(models.TextChoices):
        """Why a client may be denied their own record (45 CFR 164.524(a)); nothing else is a reason."""

        HELD_APART = "held_apart", "Notes held apart, (a)(1)(i)"
        FOR_COURT = "for_court", "Put together for a court case, (a)(1)(ii)"
        RESEARCH = "research", "Part of research that is under way, (a)(2)(iii)"
        IN_CONFIDENCE = "confidence", "Told by someone else in confidence, (a)(2)(v)"
        ENDANGERS = "endangers", "Could endanger a life or physical safety, (a)(3)(i)"
        OF_ANOTHER = "of_another", "Could do substantial harm to someone it names, (a)(3)(ii)"
        REPRESENTATIVE = "represents", "Could do substantial harm, asked by a representative, (a)(3)(iii)"
        NOT_HELD = "not_held", "We don’t have it, (d)(3)"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(AskedAbout, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=8, choices=Step)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateField("extended until", null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    ground = models.CharField("ground of a denial", max_length=10, choices=Ground, blank=True)
    reason = models.TextField("reason", max_length=1000, blank=True)
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = RequestStepQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(step="taken", owner__isnull=False) | ~Q(step="taken") & Q(owner=None),
                name="request_taken_names_its_owner",
            ),
            models.CheckConstraint(
                condition=Q(step="of", client__isnull=False) | ~Q(step="of") & Q(client=None),
                name="request_identified_names_the_client",
            ),
            models.CheckConstraint(
                condition=Q(step="extended", until__isnull=False) | ~Q(step="extended") & Q(until=None),
                name="request_extended_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(step__in=("extended", "noted", "closed")) | ~Q(reason=""),
                name="request_step_has_its_reason",
            ),
            models.CheckConstraint(
                condition=(Q(step="closed") & ~Q(outcome="")) | (~Q(step="closed") & Q(outcome="", disclosure=None)),
                name="request_closed_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="released") | Q(disclosure__isnull=False),
                name="nothing_is_released_without_a_disclosure",
            ),
            models.CheckConstraint(
                condition=Q(outcome="refused") & ~Q(ground="") | ~Q(outcome="refused") & Q(ground=""),
                name="request_denied_to_the_client_has_a_ground",
            ),
            models.UniqueConstraint(fields=("disclosure",), name="disclosure_answers_one_request"),
            models.UniqueConstraint(fields=("asked",), condition=Q(step="closed"), name="request_closed_once"),
            models.UniqueConstraint(fields=("asked",), condition=Q(step="extended"), name="request_extended_once"),
        ]
        indexes = [models.Index(fields=("asked", "step"), name="steps_of_request")]

    def __str__(self) -> str:
        return f"{self.get_step_display()} ({self.asked_id})"
