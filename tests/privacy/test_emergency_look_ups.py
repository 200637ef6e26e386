"""The emergency form under attack: it is tried with a list of names, with reasons that say nothing, and all at once."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from privacy import emergency, today
from privacy.models import EmergencyAccess, EmergencyLookUp
from staff.models import Role
from tests.factories import PASSWORD
from tests.ownership import as_owner

BORN = datetime.date(1985, 5, 17)
WHY = "Unresponsive at the desk, EMS on the way"
URL = reverse("privacy:emergency")


def asked(family_name: str, **fields: Any) -> dict[str, Any]:
    typed = {"given_name": "Alex", "family_name": family_name, "birth_date": "1985-05-17", "reason": WHY}
    return {**typed, "password": PASSWORD, **fields}


@pytest.fixture
def foreign(make_client):
    """A client of the clinic whom the counselor does not see."""
    return make_client(given_name="Alex", family_name="Testcase", birth_date=BORN)


@pytest.mark.parametrize(
    "reason", ["x", ".", "xxxxxxxxxxxxxxxxxxxx", "emergency", "urgent urgent urgent urgent", "a b c d e f g h i j k l"]
)
def test_a_reason_that_says_nothing_gets_one_answer_whoever_is_asked_for(
    foreign, make_client, other_clinic, counselor, signed_in, reason
):
    make_client(clinic=other_clinic, given_name="Alex", family_name="Elsewhere", birth_date=BORN)
    browser = signed_in(counselor)
    answers = []
    for name in ("Testcase", "Elsewhere", "Nobody"):
        page = browser.post(URL, asked(name, reason=reason)).content.decode()
        assert "Describe the emergency in a sentence" in page
        answers.append(page.replace(name, "").split("<main", 1)[1].split("csrfmiddlewaretoken")[0])
    assert answers[0] == answers[1] == answers[2]
    assert not EmergencyAccess.objects.exists()
    with pytest.raises(emergency.EmergencyReasonNeeded):
        emergency.look_up(given_name="Alex", family_name="Nobody", birth_date=BORN, reason=reason, by=counselor)


def test_a_list_of_names_is_stopped_and_each_use_is_a_row_for_the_privacy_officer(
    foreign, counselor, signed_in, privacy_officer, time_machine
):
    time_machine.move_to(datetime.datetime(2026, 3, 6, 20, 0, tzinfo=datetime.UTC), tick=False)  # a Friday
    browser = signed_in(counselor)
    pages = [browser.post(URL, asked(f"Nobody{chr(65 + n)}")).content.decode() for n in range(8)]
    assert sum("No chart matches" in page for page in pages) == 5
    assert all("as often as it allows" in page for page in pages[5:])
    assert "as often as it allows" in browser.post(URL, asked("Testcase")).content.decode()  # who is a client, too
    assert not EmergencyAccess.objects.exists()
    rows = EmergencyLookUp.objects.visible_to(privacy_officer)
    assert [row.outcome for row in rows.order_by("pk")] == ["nobody"] * 5 + ["limited"] * 4
    assert {row.reason for row in rows} == {WHY}
    [need] = [each for each in today.needs(staff_member=privacy_officer, now=timezone.now()) if "look-up" in each.title]
    assert (need.title[:8], need.due) == ("Review 9", datetime.date(2026, 3, 9))
    page = signed_in(privacy_officer).get(reverse("privacy:look_ups")).content.decode()
    assert "NobodyA" in page
    shown = " ".join(str(row.pk) for row in rows)
    signed_in(privacy_officer).post(reverse("privacy:look_ups"), {"shown": shown, "note": "Spoke with her"})
    assert not rows.unreviewed().exists()
    assert {row.reviewed_by for row in rows.all()} == {privacy_officer}
    time_machine.shift(datetime.timedelta(minutes=61))
    access = emergency.look_up(given_name="Alex", family_name="Testcase", birth_date=BORN, reason=WHY, by=counselor)
    assert access.ends_at - access.opened_at == datetime.timedelta(minutes=60)
    assert rows.latest("pk").outcome == "opened"
    assert not rows.unreviewed().exists()  # it is reviewed with the access


def test_an_opened_chart_counts_toward_the_limit_and_shows_its_banner(make_client, counselor, signed_in):
    browser = signed_in(counselor)
    for n in range(5):
        client = make_client(given_name="Alex", family_name=f"Testcase{chr(65 + n)}", birth_date=BORN)
        answer = browser.post(URL, asked(client.family_name))
        assert answer["Location"] == reverse("desk:chart", args=[client.pk])
    page = browser.get(reverse("privacy:client_consents", args=[client.pk])).content.decode()
    assert "Emergency access" in page
    make_client(given_name="Alex", family_name="Testcase", birth_date=BORN)
    assert browser.post(URL, asked("Testcase")).status_code == 200
    assert EmergencyAccess.objects.count() == 5


def test_nobody_reviews_their_own_and_nobody_else_reads_them(
    counselor, supervisor, make_staff, signed_in, other_clinic
):
    with pytest.raises(emergency.NobodyFound):
        emergency.look_up(given_name="Alex", family_name="Nobody", birth_date=BORN, reason=WHY, by=counselor)
    row = EmergencyLookUp.objects.get()
    for reader in (counselor, supervisor):
        assert signed_in(reader).get(reverse("privacy:look_ups")).status_code == 403
    theirs = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    assert emergency.review_look_ups(look_ups=[row.pk], by=theirs) == 0
    assert "Nobody" not in signed_in(theirs).get(reverse("privacy:look_ups")).content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyLookUp.objects.filter(pk=row.pk).update(reviewed_at=timezone.now(), reviewed_by=counselor)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM privacy_emergencylookup",
        "UPDATE privacy_emergencylookup SET family_name = 'Else'",
        "TRUNCATE privacy_emergencylookup CASCADE",
    ],
)
def test_a_look_up_is_not_unmade(counselor, sql):
    with pytest.raises(emergency.NobodyFound):
        emergency.look_up(given_name="Alex", family_name="Nobody", birth_date=BORN, reason=WHY, by=counselor)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(sql)
