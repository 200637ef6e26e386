"""What rows that point at a client and, perhaps, a meeting have in common: the listing that leads for it is said."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F
from django.utils.functional import cached_property

from cases.models.visibility import ClientRecordQuerySet

from .directory import Meeting
from .identity import is_meeting_listed, leads_by

M = TypeVar("M", bound=models.Model)


class AtAMeetingQuerySet(ClientRecordQuerySet[M]):
    def with_lead(self) -> Self:
        """With what `lead` and `is_off_the_lists` ask, for many in one query more."""
        return (
            self.select_related("meeting")
            .annotate(at_clinic=F("client__clinic"), meeting_is_listed=is_meeting_listed())
            .prefetch_related(leads_by("meeting"))
        )


class AtAMeeting:
    """Mixed into a model with a `client` and a `meeting`, the row of which was chosen and stays so."""

    client: Any
    meeting: Any

    @cached_property
    def lead(self) -> Meeting | None:
        """The listing that leads for the meeting at this clinic, whose name, day, time, place and link are to be said.

        None without a meeting. One query, unless `with_lead` has read it.
        """
        if self.meeting is None:
            return None
        return self.meeting.shown_at(self.__dict__.get("at_clinic") or self.client.clinic_id)

    @cached_property
    def is_off_the_lists(self) -> bool:
        """No list that the clinic has in use lists its meeting now: nobody is to be sent there.

        One query, unless `with_lead` has read it.
        """
        if self.lead is None or self.lead != self.meeting:
            return False  # what leads is listed
        listed = self.__dict__.get("meeting_is_listed")
        if listed is None:
            listed = Meeting.objects.listed_at(self.client.clinic_id).filter(pk=self.lead.pk).exists()
        return not listed
