from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.people.client import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.day_rules import since_1900
from staff.days import day_in_words
from staff.history import tracked


class NaloxoneKitQuerySet(ClientRecordQuerySet["NaloxoneKit"]):
    view_permission = Permission.RELAPSE_VIEW

    def given(self) -> NaloxoneKitQuerySet:
        """Those that were given: not entered by mistake."""
        return self.filter(voided_at=None)


@tracked
class NaloxoneKit(models.Model):
    """A naloxone kit handed to the client here: when, its lot, and whether they were taught to use it.

    Not the naloxone that somebody gave in an overdose, which is on the return to use (`Relapse.naloxone_given`).
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="naloxone_kits")
    given_on = models.DateField("given on")
    lot = models.CharField("lot number", max_length=40, blank=True)
    trained = models.BooleanField("taught to recognize an overdose and give it", default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True, help_text="Entered in error: kept on record, not counted.")
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    void_reason = models.CharField("why it was entered in error", max_length=200, blank=True)

    objects = NaloxoneKitQuerySet.as_manager()

    class Meta:
        ordering = ("-given_on", "-pk")
        verbose_name = "naloxone kit"
        constraints = [
            *since_1900("given_on", prefix="kit", unless_set="voided_at"),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="kit_voided_has_time_author_and_reason",
            ),
        ]
        indexes = [models.Index(fields=("client", "-given_on"), name="naloxone_kit_by_client")]

    def __str__(self) -> str:
        return f"Naloxone kit, {day_in_words(self.given_on)}"
