"""Days of one person: today where they live, days of use that overlap, and years that were mistyped, on their pages."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases import assessments
from cases.episodes import admissions
from cases.models import Client, Relapse
from cases.recovery import learning, relapses, sobriety, tolerance
from counseling import carry_over
from privacy import minors
from referrals import involvement, referring
from staff.models import Clinic, Program, StaffMember
from staff.time_zones import is_time_zone, meant_by, places
from tests import factories

D = datetime.date
EVENING_IN_HONOLULU = datetime.datetime(2026, 3, 7, 7, tzinfo=datetime.UTC)  # 2 AM of March 7 in New York, 9 PM before


@time_machine.travel(EVENING_IN_HONOLULU, tick=False)
def test_today_is_the_day_where_the_client_lives(client_record: Client, counselor: StaffMember) -> None:
    client_record.time_zone = "Pacific/Honolulu"
    client_record.save()
    assert client_record.today == D(2026, 3, 6)
    with pytest.raises(relapses.StillToCome):
        relapses.record(client=client_record, started_on=D(2026, 3, 7), by=counselor)
    with pytest.raises(sobriety.DateStillToCome):
        sobriety.state(client=client_record, sobriety_date=D(2026, 3, 7), by=counselor)


@time_machine.travel(datetime.datetime(2026, 3, 7, 3, tzinfo=datetime.UTC), tick=False)
def test_a_client_ahead_of_the_clinic(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    client_record.time_zone = "Pacific/Guam"  # March 7 there, 10 PM of March 6 in New York
    client_record.save()
    url = reverse("cases:relapse_new", args=[client_record.pk])
    answer = signed_in(counselor).post(url, {"started_on": "2026-03-07"})
    assert answer.status_code == 302
    assert Relapse.objects.get(client=client_record).started_on == client_record.today


@time_machine.travel(EVENING_IN_HONOLULU, tick=False)
def test_what_is_told_of_use_is_counted_from_the_day_where_the_client_lives(
    client_record: Client, counselor: StaffMember
) -> None:
    client_record.time_zone = "Pacific/Honolulu"
    client_record.save()
    row = relapses.record(
        client=client_record, started_on=D(2026, 3, 4), ended_on=D(2026, 3, 5), substances=["fentanyl"], by=counselor
    )
    assert assessments.prefilled(client=client_record, relapse=row)["days_since_opioid"] == 1
    relapses.record(
        client=client_record, started_on=D(2026, 3, 6), ended_on=D(2026, 3, 6), ended_precision="month",
        substances=["heroin"], by=counselor,
    )  # fmt: skip
    due = tolerance.due(client_record, client_record.today)
    assert due is not None
    assert due.since == D(2026, 3, 6)  # as late as it was told, and no day later


@time_machine.travel(EVENING_IN_HONOLULU, tick=False)
def test_mutual_help_is_told_by_the_day_where_the_client_lives(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    office, url = signed_in(counselor), reverse("referrals:client_referrals", args=[client_record.pk])
    client_record.time_zone = "Pacific/Honolulu"
    client_record.save()
    assert involvement.record(client=client_record, by=counselor).on == D(2026, 3, 6)
    assert office.get(url).context["today"] == D(2026, 3, 6)
    with time_machine.travel(datetime.datetime(2026, 3, 7, 3, tzinfo=datetime.UTC), tick=False):
        Client.objects.filter(pk=client_record.pk).update(time_zone="Pacific/Guam")
        row = referring.offer(client=client_record, fellowship="aa", by=counselor)
        step = reverse("referrals:step", args=[client_record.pk, row.pk, "visit"])
        said = {"visit-visited_on": "2026-03-07", "visit-attended": "yes"}
        assert signed_in(counselor).post(step, said).status_code == 302


@time_machine.travel(EVENING_IN_HONOLULU, tick=False)
def test_nobody_comes_of_age_before_their_own_midnight(client_record: Client) -> None:
    client_record.birth_date = D(2008, 3, 7)
    on = D(2026, 3, 7)  # at the clinic
    assert not minors.is_minor(client_record, on)
    client_record.time_zone = "Pacific/Honolulu"
    assert minors.is_minor(client_record, on)


@time_machine.travel(EVENING_IN_HONOLULU, tick=False)
def test_what_is_no_longer_true_is_decided_at_any_hour(
    client_record: Client, counselor: StaffMember, program: Program
) -> None:
    client_record.time_zone = "Pacific/Honolulu"
    client_record.save()
    first = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=D(2026, 1, 5)
    )
    learning.add_trigger(client=client_record, wording="Payday", by=counselor)
    admissions.discharge(episode=first, discharged_on=D(2026, 2, 1), reason="completed", by=counselor)
    episode = admissions.admit(
        client=client_record, program=program, level_of_care="1.5", admitted_on=D(2026, 3, 1), by=counselor
    )
    [item] = [each for each in carry_over.gather(episode=episode, by=counselor) if each.wording == "Payday"]
    carry_over.decide(item=item, verdict="no_longer_true", by=counselor)
    assert item.source.__class__.objects.get(pk=item.source.pk).no_longer_true_since == D(2026, 3, 6)


@time_machine.travel(EVENING_IN_HONOLULU, tick=False)
def test_a_session_follows_the_clinics_clock(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    client_record.time_zone = "Pacific/Honolulu"
    client_record.save()
    url = reverse("counseling:measure_new", args=[client_record.pk, "phq-9"])
    answer = signed_in(counselor).post(url, {"taken_on": "2026-03-07", "then": "incomplete"})
    assert "taken_on" not in (answer.context["form"].errors if answer.context else {})


def test_returns_that_overlap_share_their_days(client_record: Client, counselor: StaffMember) -> None:
    for first, last, days in ((D(2026, 3, 1), D(2026, 3, 5), 5), (D(2026, 3, 4), D(2026, 3, 7), 4)):
        row = relapses.record(client=client_record, started_on=first, ended_on=last, days_used=days, by=counselor)
    known = assessments.prefilled(client=client_record, relapse=row)
    assert (known["use_days"], known["span_days"]) == (7, 7)


def test_no_days_of_use_is_refused_beside_the_field(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    with pytest.raises(relapses.NoDaysOfUse):
        relapses.record(client=client_record, started_on=D(2026, 3, 1), days_used=0, by=counselor)
    url = reverse("cases:relapse_new", args=[client_record.pk])
    answer = signed_in(counselor).post(url, {"started_on": "2026-03-01", "days_used": "0"})
    assert answer.status_code == 422
    assert "days_used" in answer.context["form"].errors
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.RelapseFactory(
            client=client_record,
            started_on=D(2026, 3, 1),
            days_used=0,
            recorded_by=counselor,
            recorded_at=datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC),
        )


@pytest.mark.parametrize("name", ["EST", "MST7MDT", "US/Eastern", "UTC", "Etc/GMT+5", "GMT", "Eastern", "../etc"])
def test_a_zone_is_a_place(clinic: Clinic, client_record: Client, name: str) -> None:
    with pytest.raises(ValidationError):
        is_time_zone(name)
    for row in (clinic, client_record):
        row.time_zone = name
        with pytest.raises(IntegrityError, match="is_a_place"), transaction.atomic():
            row.save()


def test_which_place_is_meant() -> None:
    assert meant_by("EST") == "America/New_York"
    assert meant_by("America/Phoenix") == "America/Phoenix"
    assert meant_by("Etc/GMT+5") == ""


def test_the_form_names_the_place(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    url = reverse("cases:client_edit", args=[client_record.pk])
    sent = {"given_name": "Robin", "family_name": "Sample", "language": "English", "time_zone": "EST"}
    answer = signed_in(counselor).post(url, sent)
    assert answer.status_code == 422
    assert "America/New_York" in str(answer.context["form"].errors["time_zone"])


def test_a_zone_is_chosen_from_a_list_of_places(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    """The one owner of the list is staff.time_zones."""
    url, desk = reverse("cases:client_edit", args=[client_record.pk]), signed_in(counselor)
    box = re.search(r'<select name="time_zone".*?</select>', desk.get(url).content.decode(), re.DOTALL)
    assert box is not None
    offered = re.findall(r'<option value="([^"]*)"', box[0])
    assert offered[:3] == ["", "America/Puerto_Rico", "America/New_York"]
    assert set(offered[1:]) == places()
    assert len(offered) == len(set(offered))
    assert not {"EST", "UTC", "US/Eastern", "Etc/GMT+5", "MST7MDT"} & set(offered)
    sent = {"given_name": "Robin", "family_name": "Sample", "language": "English", "time_zone": "America/Denver"}
    assert desk.post(url, sent).status_code == 302
    assert '<option value="America/Denver" selected>' in desk.get(url).content.decode()
    client_record.refresh_from_db()
    assert client_record.time_zone == "America/Denver"
    for clock in ("UTC", "US/Eastern", "Mars/Base"):
        assert desk.post(url, {**sent, "time_zone": clock}).status_code == 422
    assert desk.post(url, {**sent, "time_zone": ""}).status_code == 302
    client_record.refresh_from_db()
    assert client_record.time_zone == ""
