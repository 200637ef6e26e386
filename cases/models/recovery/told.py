from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.people.client import Client
from cases.models.visibility import ClientRecordQuerySet
from staff.access import Permission
from staff.history import tracked

from .learning import LearnedKind


class ToldDeclinedQuerySet(ClientRecordQuerySet["ToldDeclined"]):
    view_permission = Permission.RELAPSE_VIEW


@tracked
class ToldDeclined(models.Model):
    """A reported item that the clinician, with the client, decided not to keep, and when.

    A confirmed item needs no row here: it becomes a trigger, a warning sign or a strategy.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="told_declined")
    kind = models.CharField(max_length=8, choices=LearnedKind)
    wording = models.CharField(max_length=200)
    declined_at = models.DateTimeField()
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ToldDeclinedQuerySet.as_manager()

    class Meta:
        ordering = ("-declined_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LearnedKind.values), name="told_declined_of_a_known_kind"),
            models.CheckConstraint(condition=~Q(wording__regex=r"^\s*$"), name="told_declined_has_its_words"),
        ]

    def __str__(self) -> str:
        return self.wording
