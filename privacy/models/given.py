from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.models import Clinic

from .asked import AskedAbout
from .disclosure import Disclosure


class RecordGivenQuerySet(ClientRecordQuerySet["RecordGiven"]):
    view_permission = Permission.RECORD_GIVE


class RecordGiven(models.Model):
    """What a client asked for was given: a copy of the record, or the accounting of disclosures.

    The clinic must be able to show it (45 CFR 164.528(d), 164.524(e)): to whom, in which form, of which time, what was
    in it, and by whom. Append-only; a merge may move its client.
    """

    class What(models.TextChoices):
        RECORD = "record", "Copy of the record"
        ACCOUNTING = "accounting", "Accounting of disclosures"

    class Form(models.TextChoices):
        PDF = "pdf", "PDF"
        DATA = "json", "Data file"
        PAPER = "paper", "Printed page"

    class To(models.TextChoices):
        CLIENT = "client", "The client"
        REPRESENTATIVE = "for_client", "Someone who acts for the client by law"
        OTHER = "other", "Someone else, by a recorded disclosure"

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(AskedAbout, on_delete=models.PROTECT, null=True, blank=True, related_name="given")
    what = models.CharField(max_length=10, choices=What)
    form = models.CharField(max_length=5, choices=Form)
    to = models.CharField("given to", max_length=10, choices=To)
    to_name = models.CharField("their name", max_length=200, blank=True)
    acts_by = models.CharField("how they may act for the client", max_length=200, blank=True)
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    contents = models.JSONField(help_text="How many rows of each part.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = RecordGivenQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(to="other") | Q(disclosure__isnull=False), name="record_given_to_another_is_a_disclosure"
            ),
            models.CheckConstraint(
                condition=Q(to="client") | ~Q(to_name=""), name="record_given_names_who_is_not_the_client"
            ),
            models.CheckConstraint(
                condition=~Q(to="for_client") | ~Q(acts_by=""), name="record_given_says_how_they_act"
            ),
            models.CheckConstraint(
                condition=~Q(what="accounting") | Q(since__isnull=False, until__gte=F("since")),
                name="accounting_given_has_its_time",
            ),
            models.UniqueConstraint(fields=("disclosure", "what"), name="record_given_once_by_a_disclosure"),
        ]
        indexes = [models.Index(fields=("client", "-at"), name="record_given_by_client")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.pk}"
