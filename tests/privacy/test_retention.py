"""Legal holds and retention: a held record is not merged or deleted; past retention is a list and deletes nothing."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from cases import merging
from cases.models import Client, ClientMerge
from cases.people import registration
from privacy import legal_holds, retention
from privacy.models import LegalHold
from staff.models import ClinicThreshold, Role
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

LONG_AGO = datetime.datetime(2010, 3, 1, 17, 0, tzinfo=datetime.UTC)
NOW = datetime.datetime(2026, 3, 10, 17, 0, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 3, 10)
WHY = "Sample v. Clinic, letter of counsel"


@pytest.fixture
def past_client(clinic, time_machine) -> Any:
    """Somebody registered in 2010, of this birth, discharged on a day."""

    def make(discharged_on: datetime.date | None = datetime.date(2010, 6, 1), **fields: Any) -> Client:
        time_machine.move_to(LONG_AGO, tick=False)
        client = factories.ClientFactory(clinic=clinic, **fields)
        if discharged_on is not None:
            factories.TreatmentEpisodeFactory(
                client=client, admitted_on=datetime.date(2010, 3, 1), discharged_on=discharged_on,
                discharge_reason="completed",
            )  # fmt: skip
        time_machine.move_to(NOW, tick=False)
        return client

    return make


def listed(by: Any, on: datetime.date = TODAY) -> set[int]:
    rows = retention.past(Client.objects.visible_to(by), by=by, on=on)
    return set(rows.values_list("pk", flat=True))


def hold(client: Client, by: Any) -> LegalHold:
    return legal_holds.place(client=client, reason=WHY, from_on=client.today, by=by)


ADULT = {"birth_date": datetime.date(1970, 5, 5)}


def test_a_record_is_listed_the_day_after_its_period_and_stays(past_client, privacy_officer, signed_in):
    client = past_client(datetime.date(2016, 3, 9), **ADULT)
    recent = past_client(datetime.date(2016, 3, 10), **ADULT)
    assert listed(privacy_officer) == {client.pk}
    period = retention.period_of(privacy_officer.clinic)
    assert period.keep_until(client, datetime.date(2016, 3, 9)) == datetime.date(2026, 3, 9)
    page = signed_in(privacy_officer).get(reverse("privacy:retention")).content.decode()
    assert f"No. {client.pk}" in page
    assert "Mar 9, 2026" in page
    assert f"No. {recent.pk}" not in page
    assert Client.objects.filter(pk=client.pk).exists()
    ClinicThreshold.objects.create(clinic=privacy_officer.clinic, key="privacy.retention_years", value=12)
    assert listed(privacy_officer) == set()


def test_someone_in_care_is_not_listed(past_client, privacy_officer):
    client = past_client(None, **ADULT)
    factories.TreatmentEpisodeFactory(client=client, admitted_on=datetime.date(2010, 3, 1))
    assert listed(privacy_officer) == set()


def test_any_later_entry_about_them_counts_but_not_the_keeping_itself(past_client, privacy_officer, supervisor):
    called, quiet = past_client(**ADULT), past_client(**ADULT)
    assert listed(privacy_officer) == {called.pk, quiet.pk}
    registration.add_contact(client=called, kind="phone", value="(518) 555-0177", by=supervisor)
    placed = hold(quiet, privacy_officer)
    assert listed(privacy_officer) == set()  # held
    legal_holds.lift(hold=placed, reason="The case was settled", by=privacy_officer)
    assert listed(privacy_officer) == {quiet.pk}


@pytest.mark.parametrize(
    ("born", "is_listed"),
    [
        ({"birth_date": datetime.date(2000, 3, 9)}, True),  # 18 in 2018, and seven years: 2025
        ({"birth_date": datetime.date(2001, 3, 9)}, True),
        ({"birth_date": datetime.date(2001, 3, 10)}, False),  # on the very day it is still kept
        ({"birth_date": None, "birth_year": 2000}, True),
        ({"birth_date": None, "birth_year": 2001}, False),  # may be born on Dec 31
        ({"birth_date": None, "birth_year": 1970}, True),
        ({"birth_date": None}, False),  # may have been a child
    ],
)
def test_a_minors_record_is_kept_until_majority_and_some_years(past_client, privacy_officer, born, is_listed):
    client = past_client(**{"birth_year": None, **born})
    assert (client.pk in listed(privacy_officer)) is is_listed
    period = retention.period_of(privacy_officer.clinic)
    assert (period.keep_until(client, datetime.date(2010, 6, 1)) < TODAY) is is_listed


def test_feb_29_is_kept_no_shorter(privacy_officer):
    assert retention.years_after(datetime.date(2016, 2, 29), 10) == datetime.date(2026, 3, 1)


def test_a_held_record_is_not_merged_and_not_listed(past_client, privacy_officer, supervisor, signed_in):
    client, twin = past_client(**ADULT), past_client(**ADULT)
    merged = merging.merge(keep=client, absorb=past_client(**ADULT), by=supervisor)
    placed = hold(client, privacy_officer)
    assert client.pk not in listed(privacy_officer)
    for keep, absorb in ((client, twin), (twin, client)):
        with pytest.raises(legal_holds.OnLegalHold):
            merging.merge(keep=keep, absorb=absorb, by=supervisor)
    with pytest.raises(legal_holds.OnLegalHold):
        merging.unmerge(merge=merged, by=supervisor)
    url = reverse("cases:merge", args=[client.pk])
    typed = {"merge": "", "other": twin.pk, "keep": client.pk, "asked": "on"}
    page = signed_in(supervisor).post(url, typed, follow=True).content.decode()
    assert "is on legal hold" in page
    assert WHY not in page
    browser = signed_in(privacy_officer)
    assert f"No. {client.pk}" in browser.get(f"{reverse('privacy:retention')}?show=held").content.decode()
    legal_holds.lift(hold=placed, reason="The case was settled", by=privacy_officer)
    merging.unmerge(merge=merged, by=supervisor)
    merging.merge(keep=client, absorb=twin, by=supervisor)


def test_the_database_refuses_as_well(past_client, privacy_officer, supervisor):
    client, twin = past_client(None), past_client(None)
    merged = merging.merge(keep=twin, absorb=past_client(None), by=supervisor)
    for each in (client, twin):
        hold(each, privacy_officer)
    with pytest.raises(IntegrityError, match="legal hold"), transaction.atomic():
        ClientMerge.objects.create(keep=past_client(None), absorb=client, merged_at=NOW, merged_by=supervisor)
    with pytest.raises(IntegrityError, match="legal hold"), transaction.atomic():
        ClientMerge.objects.filter(pk=merged.pk).update(undone_at=NOW, undone_by=supervisor)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="legal hold"), transaction.atomic():
            cursor.execute("DELETE FROM cases_client WHERE id = %s", [client.pk])


def test_one_of_two_holds_is_lifted_and_the_other_holds(client_record, privacy_officer):
    first, second = hold(client_record, privacy_officer), hold(client_record, privacy_officer)
    legal_holds.lift(hold=first, reason="The case was settled", by=privacy_officer)
    assert legal_holds.is_held(client_record)
    legal_holds.lift(hold=second, reason="The audit is over", by=privacy_officer)
    assert not legal_holds.is_held(client_record)


@pytest.mark.parametrize("reason", [".", "n/a", "hold"])
def test_a_hold_has_a_reason_and_so_has_its_end(client_record, privacy_officer, reason):
    with pytest.raises(legal_holds.HoldNeedsReason):
        legal_holds.place(client=client_record, reason=reason, from_on=client_record.today, by=privacy_officer)
    placed = hold(client_record, privacy_officer)
    with pytest.raises(legal_holds.HoldNeedsReason):
        legal_holds.lift(hold=placed, reason=reason, by=privacy_officer)


def test_the_chart_says_that_it_is_held_and_only_the_privacy_officer_reads_why(
    client_record, privacy_officer, counselor, supervisor, intake, administrator, make_staff, other_clinic, signed_in
):
    browser, url = signed_in(privacy_officer), reverse("privacy:legal_holds", args=[client_record.pk])
    assert browser.post(url, {"reason": WHY, "from_on": f"{client_record.today:%Y-%m-%d}"}).status_code == 302
    placed = LegalHold.objects.get()
    assert placed.clinic == client_record.clinic
    assert WHY in browser.get(url).content.decode()
    lift = reverse("privacy:legal_hold_lift", args=[client_record.pk, placed.pk])
    for person in (counselor, supervisor, intake):
        page = signed_in(person).get(reverse("privacy:client_consents", args=[client_record.pk])).content.decode()
        assert "On legal hold" in page
        assert WHY not in page
    for person in (counselor, supervisor, intake, administrator):
        for answer in (signed_in(person).get(url), signed_in(person).post(lift)):
            assert answer.status_code == 403
        assert signed_in(person).get(reverse("privacy:retention")).status_code == 403
        with pytest.raises(NotPermitted):
            hold(client_record, person)
    theirs = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    stranger = signed_in(theirs)
    assert stranger.get(url).status_code == 404
    assert stranger.post(lift, {f"hold{placed.pk}-reason": "Not theirs to lift"}).status_code == 404
    assert f"No. {client_record.pk}" not in stranger.get(f"{reverse('privacy:retention')}?show=held").content.decode()
    for attempt in (
        lambda: hold(client_record, theirs),
        lambda: legal_holds.lift(hold=placed, reason="Not theirs to lift", by=theirs),
    ):
        with pytest.raises(NotPermitted):
            attempt()
    browser.post(lift, {f"hold{placed.pk}-reason": "The case was settled"})
    assert "The case was settled" in browser.get(url).content.decode()


def test_another_clinics_records_are_not_listed(past_client, make_staff, other_clinic, privacy_officer):
    client = past_client(**ADULT)
    assert listed(privacy_officer) == {client.pk}
    assert listed(make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)) == set()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM privacy_legalhold",
        "TRUNCATE privacy_legalhold CASCADE",
        "UPDATE privacy_legalhold SET reason = 'Another matter'",
        "UPDATE privacy_legalhold SET lifted_at = NULL, lifted_by_id = NULL, lift_reason = ''",
    ],
)
def test_a_hold_is_not_unmade(client_record, privacy_officer, sql):
    legal_holds.lift(hold=hold(client_record, privacy_officer), reason="The case was settled", by=privacy_officer)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(sql)
