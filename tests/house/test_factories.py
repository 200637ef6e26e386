"""What a story starts from is said in one word: the traits of tests/factories.py make what they say."""

from __future__ import annotations

import pytest

from groups import mentoring
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_client_in_care_who_returned_to_use() -> None:
    client = factories.ClientFactory(in_care=True, returned_to_use=True)
    assert [each.is_open for each in client.episodes.all()] == [True]
    assert [each.is_open for each in client.relapses.all()] == [False]
    assert not factories.ClientFactory().episodes.exists()


def test_a_counselors_client() -> None:
    counselor = factories.StaffMemberFactory()
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    assert type(client).objects.visible_to(counselor).get() == client


def test_a_peer_mentor() -> None:
    member = factories.MembershipFactory(mentor=True)
    assert mentoring.standing(member, member.mentor_terms.get().started_on) is mentoring.MentorStatus.MENTOR
    assert not factories.MembershipFactory().mentor_terms.exists()


def test_everybody_belongs_to_one_clinic() -> None:
    episode = factories.TreatmentEpisodeFactory()
    assert {episode.client.clinic_id, episode.program.clinic_id, episode.admitted_by.clinic_id} == {
        episode.client.clinic_id
    }


def test_a_client_who_restricted_somebody() -> None:
    restriction = factories.ClientRestrictionFactory()
    seen = type(restriction.client).objects.visible_to(restriction.staff_member)
    assert not seen.filter(pk=restriction.client.pk).exists()


def test_ways_to_reach_somebody_are_found_as_typed() -> None:
    assert factories.ContactPointFactory(value="(518) 555-0130").normalized == "+15185550130"
    assert factories.ContactPointFactory(kind="email", value="Sam@Example.org").normalized == "sam@example.org"


def test_a_call_about_a_client_is_at_their_clinic() -> None:
    client = factories.ClientFactory()
    call = factories.InquiryFactory(client=client)
    assert {call.clinic_id, call.taken_by.clinic_id} == {client.clinic_id}
    assert factories.InquiryFactory().client is None


def test_an_opened_chart_is_in_the_log_of_the_readers_clinic() -> None:
    opened = factories.ChartAccessFactory(client_id=1)
    assert opened.clinic_id == opened.staff_member.clinic_id
    opened.refresh_from_db()  # its place in the chain is the database’s
    assert opened.position
