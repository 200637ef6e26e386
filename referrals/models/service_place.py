from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from staff import phones
from staff.access import Permission, can
from staff.history import tracked
from staff.models import Clinic

if TYPE_CHECKING:
    from staff.models import StaffMember


class ServiceKind(models.TextChoices):
    """What people are referred elsewhere for, besides mutual help."""

    HOUSING = "housing", "Housing"
    MEDICAL = "medical", "Medical care"
    LEGAL = "legal", "Legal help"
    FAMILY = "family", "Family services"
    EMPLOYMENT = "employment", "Employment"
    NALOXONE = "naloxone", "Naloxone"
    OTHER = "other", "Other help"


class ServicePlaceQuerySet(models.QuerySet["ServicePlace"]):
    def visible_to(self, staff_member: StaffMember) -> ServicePlaceQuerySet:
        """The clinic's own directory. It says nothing about clients, so everybody who finds meetings may read it."""
        if not can(staff_member, Permission.MEETING_VIEW):
            return self.none()
        return self.filter(clinic=staff_member.clinic_id)

    def in_use(self) -> ServicePlaceQuerySet:
        """Those that people are still referred to."""
        return self.filter(is_in_use=True)

    def for_kind(self, kind: str) -> ServicePlaceQuerySet:
        """Those that give this kind of help."""
        return self.filter(kinds__contains=[kind])


@tracked
class ServicePlace(models.Model):
    """A place outside that the clinic refers people to: where, when, what it costs, and whom to ask for.

    It never vanishes (migration 0003_places_stand): a place that is no longer used stays for the referrals that name
    it.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="service_places")
    name = models.CharField(max_length=120, help_text="As it is written on consents.")
    kinds = ArrayField(models.CharField(max_length=12, choices=ServiceKind))
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.CharField(max_length=200, blank=True, help_text="For example: Mon–Fri 9–5, walk-ins until 3.")
    what_to_bring = models.CharField(max_length=300, blank=True)
    languages = models.CharField(max_length=120, blank=True)
    costs = models.CharField("costs and insurance", max_length=200, blank=True)
    contact_person = models.CharField(max_length=80, blank=True, help_text="Whom to ask for.")
    notes = models.TextField(blank=True, help_text="What to know. Nothing about a client.")
    is_in_use = models.BooleanField("in use", default=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ServicePlaceQuerySet.as_manager()

    class Meta:
        ordering = (Lower("name"), "pk")
        verbose_name = "place"
        constraints = [
            models.UniqueConstraint(Lower("name"), "clinic", name="service_place_once"),
            models.CheckConstraint(
                condition=Q(kinds__len__gt=0) & Q(kinds__contained_by=ServiceKind.values),
                name="service_place_gives_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kinds_in_words(self) -> str:
        """“Housing, Legal help”."""
        return ", ".join(str(ServiceKind(each).label) for each in self.kinds)

    @property
    def dialed(self) -> str:
        """The number as a tel: link takes it."""
        return phones.dialed(self.phone)
