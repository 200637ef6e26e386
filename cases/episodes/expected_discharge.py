"""Expected discharge dates. They do not free an opening by themselves."""

from __future__ import annotations

import datetime

from cases.models import TreatmentEpisode
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.typed_days import PLANS, check_days

from .admission_rules import DateNotPossible, NotOpen, today


def expect(*, episode: TreatmentEpisode, on: datetime.date | None, by: StaffMember) -> TreatmentEpisode:
    """Set the day the person is expected to leave; None means unknown.

    Raises NotPermitted, NotOpen, DateNotPossible.
    """
    demand(by, Permission.EPISODE_DISCHARGE, episode.client)
    with act("cases.expect_discharge", by=by, client=episode.client) as entry:
        episode = TreatmentEpisode.objects.select_for_update(no_key=True).get(pk=episode.pk)
        if not episode.is_open:
            raise NotOpen
        if on is not None and on < episode.admitted_on:
            raise DateNotPossible("Expected discharge can’t be before admission.")
        check_days(on, ahead=PLANS, today=today(episode.client.clinic))
        episode.expected_discharge_on = on
        episode.save(update_fields=["expected_discharge_on"])
        entry.about(episode, on=str(on) if on else None)
    return episode
