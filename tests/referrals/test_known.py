"""What mutual help was to somebody is laid out when they come back."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from referrals import prior_involvement, referring
from referrals.models import Involvement
from tests import factories

pytestmark = pytest.mark.django_db


def test_earlier_referrals_and_the_last_involvement_are_known(client_record, program, counselor):
    first = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 1, 5)
    )
    at = datetime.datetime(2026, 2, 1, 15, tzinfo=datetime.UTC)
    referral = referring.offer(client=client_record, by=counselor, fellowship="aa", episode=first, at=at)
    for day, meetings in ((1, 2), (20, 11)):
        Involvement.objects.create(
            client=client_record,
            on=datetime.date(2026, 2, day),
            fellowship="aa",
            meetings_past_30_days=meetings,
            home_group=True,
            recorded_at=timezone.now(),
            recorded_by=counselor,
        )
    type(first).objects.filter(pk=first.pk).update(discharged_on=datetime.date(2026, 4, 1), discharge_reason="left")
    second = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 4, 20)
    )
    referring.offer(client=client_record, by=counselor, fellowship="smart", episode=second)
    both = prior_involvement.before(episodes=[first, second])
    found = both[second.pk]
    assert [each.key.split(":")[0] for each in found] == ["involvement", "referral"]
    assert found[0].detail == "Feb 20, 2026: 11 meetings in 30 days; has a home group"
    assert (found[1].key, found[1].origin_episode_id) == (f"referral:{referral.pk}", first.pk)
    assert found[1].detail == "Offered, Feb 1, 2026"
    assert both[first.pk] == []
