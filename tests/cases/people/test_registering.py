"""One record for life. “Look first” has one owner, cases.people.registration.register, under a lock of the database."""

from __future__ import annotations

import datetime
import re
import threading

import pytest
from django.db import connection, connections
from django.urls import reverse

from cases.models import Client
from cases.people import registration
from staff.models import AuditEntry, StaffMember

BORN = datetime.date(1985, 4, 3)
TYPED = {
    "given_name": "Catherine",
    "family_name": "O’Malley",
    "birth_date": "1985-04-03",
    "language": "English",
    "named_by_others": "on",
}


def names() -> list[str]:
    return list(Client.objects.order_by("pk").values_list("given_name", flat=True))


def test_back_and_again_gives_one_record(intake: StaffMember, signed_in: object) -> None:
    desk, new = signed_in(intake), reverse("cases:client_new")
    first = desk.post(new, TYPED)
    again = desk.post(new, TYPED)
    assert (first.status_code, again.status_code) == (302, 302)
    assert again["Location"] == first["Location"]
    assert names() == ["Catherine"]


@pytest.mark.parametrize(
    "change",
    [
        {"birth_date": "1985-03-04"},  # day and month exchanged
        {"birth_date": ""},
        {"given_name": "Kathy", "family_name": "O Malley", "birth_date": "1985-03-04"},
        {"given_name": "O'Malley", "family_name": "Catherine"},
        {"given_name": "Catherine Ann"},
        {"family_name": "Omalley-Sample"},
    ],
)
def test_the_same_person_told_otherwise_is_looked_at_first(
    intake: StaffMember, signed_in: object, change: dict[str, str]
) -> None:
    desk, new = signed_in(intake), reverse("cases:client_new")
    desk.post(new, TYPED)
    answer = desk.post(new, {**TYPED, **change})
    assert answer.status_code == 422
    assert "Possible matches" in answer.content.decode()
    assert "Check whether" in answer.content.decode()
    assert len(names()) == 1
    desk.post(new, {**TYPED, **change, "looked": "on"})
    assert len(names()) == 2


def test_a_name_alone_sent_twice_is_looked_at_too(intake: StaffMember, signed_in: object) -> None:
    desk, new = signed_in(intake), reverse("cases:client_new")
    for _ in range(2):
        answer = desk.post(new, {**TYPED, "birth_date": ""})
    assert answer.status_code == 422
    assert len(names()) == 1


def test_somebody_else_is_registered_without_asking(intake: StaffMember, signed_in: object) -> None:
    desk, new = signed_in(intake), reverse("cases:client_new")
    desk.post(new, {**TYPED, "phone": "555 010 0142"})
    desk.post(new, {**TYPED, "given_name": "Luis", "birth_date": "2005-09-09", "phone": "555 010 0142"})
    assert names() == ["Catherine", "Luis"]


def test_what_the_reader_may_not_see_is_never_said(
    intake: StaffMember, counselor: StaffMember, signed_in: object
) -> None:
    registration.register(by=intake, given_name="Catherine", family_name="O’Malley", birth_date=BORN)
    answer = signed_in(counselor).post(reverse("cases:client_new"), TYPED)
    assert answer.status_code == 302  # no word that somebody like this is a client


def test_one_name_is_a_whole_name(intake: StaffMember, signed_in: object) -> None:
    desk, new = signed_in(intake), reverse("cases:client_new")
    assert desk.post(new, {**TYPED, "given_name": "", "family_name": "Suharto"}).status_code == 302
    assert Client.objects.get().full_name == "Suharto"
    page = desk.get(reverse("cases:clients")).content.decode()
    assert ">Suharto</a>" in page
    nameless = desk.post(new, {**TYPED, "given_name": "", "family_name": ""})
    assert nameless.status_code == 422
    assert "Enter a first or last name" in nameless.content.decode()
    with pytest.raises(registration.NamesNeeded):
        registration.register(by=intake, given_name=" ", family_name="")


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_record(intake: StaffMember) -> None:
    barrier, outcomes = threading.Barrier(2), []

    def register(**more: object) -> None:
        try:
            barrier.wait(timeout=10)
            client = registration.register(
                by=StaffMember.objects.get(pk=intake.pk),
                has_looked=False,
                given_name="Catherine",
                family_name="O’Malley",
                **more,
            )
            outcomes.append(client.pk)
        except registration.LookFirst as refusal:
            outcomes.append(refusal.matches[0].client.pk)
        finally:
            connections.close_all()

    def at_once(*told: dict[str, object]) -> None:
        outcomes.clear()
        threads = [threading.Thread(target=register, kwargs=each) for each in told]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

    at_once({"birth_date": BORN}, {"birth_date": BORN})
    assert len(outcomes) == 2
    assert len(set(outcomes)) == 1
    assert Client.objects.count() == 1
    Client.objects.update(family_name="Elsewhere", given_name="Else", birth_date=None)
    at_once({"birth_date": BORN}, {"birth_date": datetime.date(1985, 3, 4)})
    assert len(set(outcomes)) == 1
    assert Client.objects.count() == 2
    assert AuditEntry.objects.filter(act="cases.register").count() >= 2
    connection.close()


def test_fields_for_somebody_elses_name_say_so_to_the_browser(
    intake: StaffMember, counselor: StaffMember, signed_in: object
) -> None:
    """The one owner of it is cases.forms.fields.of_somebody_else."""
    desk = signed_in(intake)
    pages = [desk.get(reverse(name)).content.decode() for name in ("cases:client_new", "cases:take_inquiry")]
    pages.append(signed_in(counselor).get(reverse("privacy:emergency")).content.decode())
    for page in pages:
        fields = re.findall(r'<input[^>]*name="(?:given|family|preferred|former_family)_name"[^>]*>', page)
        assert len(fields) >= 2
        for field in fields:
            assert 'autocomplete="off"' in field, field
