"""People of whom only the year of birth is known. The one owner of what is known of a birth is cases.births."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from cases import merging, possible_days
from cases.intake import earlier_calls, inquiries
from cases.models import Client, Inquiry
from cases.people import finding, registration
from cases.people.births import YearDiffers
from cases.teds import data_sets
from privacy import emergency, minors
from staff.models import Clinic, Role, StaffMember
from staff.typed_days import FarAhead, LongPast, StillAhead

D = datetime.date
SignedIn = Callable[[StaffMember], Browser]
pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 27, 15, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _day() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def by_year(make_client: Callable[..., Client]) -> Client:
    return make_client(given_name="Marcus", family_name="Sampleson", birth_date=None, birth_year=1984)


def test_a_year_is_recorded_and_shown(intake: StaffMember, signed_in: SignedIn) -> None:
    desk = signed_in(intake)
    typed = {"given_name": "Marcus", "family_name": "Sampleson", "language": "English", "birth_year": "1984"}
    assert desk.post(reverse("cases:client_new"), typed).status_code == 302
    client = Client.objects.get(family_name="Sampleson")
    assert (client.birth_date, client.birth_year) == (None, 1984)
    chart = desk.get(reverse("cases:client_edit", args=[client.pk])).content.decode()
    assert '<time datetime="1984">1984</time>' in chart
    assert "about 42 years" in chart
    assert "birth date not known" not in chart
    assert 'value="1984"' in chart
    assert "1984" in desk.get(reverse("cases:clients")).content.decode()
    assert "born 1984" in desk.post(reverse("cases:client_suggest"), {"q": "sampl"}).content.decode()


def test_a_date_known_later_takes_the_place_of_the_year(
    by_year: Client, intake: StaffMember, signed_in: SignedIn
) -> None:
    url = reverse("cases:client_edit", args=[by_year.pk])
    typed = {"given_name": "Marcus", "family_name": "Sampleson", "language": "English", "birth_year": "1984"}
    answer = signed_in(intake).post(url, {**typed, "birth_date": "1983-05-14"})
    assert answer.status_code == 422
    assert "1983" in str(answer.context["form"].errors["birth_year"])
    assert signed_in(intake).post(url, {**typed, "birth_date": "1984-05-14"}).status_code == 302
    by_year.refresh_from_db()
    assert (by_year.birth_date, by_year.birth_year) == (D(1984, 5, 14), None)
    assert (by_year.age, by_year.age_words, by_year.birth_words) == (42, "42 years", "May 14, 1984")


@pytest.mark.parametrize(("year", "refusal"), [(1899, LongPast), (88, LongPast), (0, LongPast), (2027, StillAhead)])
def test_a_year_that_cannot_be(intake: StaffMember, signed_in: SignedIn, year: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        registration.register(by=intake, given_name="Marcus", birth_year=year)
    with pytest.raises(refusal):
        inquiries.take(by=intake, given_name="Marcus", birth_year=year)
    typed = {"given_name": "Marcus", "family_name": "Sampleson", "language": "English", "birth_year": str(year)}
    answer = signed_in(intake).post(reverse("cases:client_new"), typed)
    assert answer.status_code == 422
    assert "birth_year" in answer.context["form"].errors


def test_a_slip_in_a_record_of_an_earlier_year_ends_in_no_fault(by_year: Client, intake: StaffMember) -> None:
    """Born and recorded are two facts: what the record is from does not say which year may be typed now."""
    Client.objects.filter(pk=by_year.pk).update(created_at=by_year.created_at.replace(year=2024))
    by_year.refresh_from_db()
    assert registration.change(client=by_year, by=intake, birth_year=2026).birth_year == 2026
    call = inquiries.take(by=intake, given_name="Marcus", birth_year=1984)
    Inquiry.objects.filter(pk=call.pk).update(taken_at=call.taken_at.replace(year=2024))
    call.refresh_from_db()
    assert inquiries.amend(inquiry=call, by=intake, birth_year=2025).birth_year == 2025


def test_one_name_and_a_year_are_the_same_person_again(intake: StaffMember, supervisor: StaffMember) -> None:
    first = registration.register(by=intake, given_name="Suharto", birth_year=1984)
    said = {"given_name": "Suharto", "birth_year": 1984, "has_looked": False}
    assert registration.register(by=intake, **said) == first  # sent twice
    with pytest.raises(registration.LookFirst):
        registration.register(by=supervisor, **said)
    [match] = finding.likely(staff_member=intake, given_name="Suharto", birth_year=1984)
    assert match.client == first


def test_a_year_no_calendar_has(intake: StaffMember) -> None:
    with pytest.raises(FarAhead):
        registration.register(by=intake, given_name="Marcus", birth_year=99999)


@pytest.mark.parametrize("born", [{"birth_year": 1899}, {"birth_year": 2200}, {"birth_date": D(1984, 5, 14)}])
def test_the_database_refuses_it_too(by_year: Client, clinic: Clinic, intake: StaffMember, born: dict) -> None:
    with pytest.raises(IntegrityError, match="birth_year"), transaction.atomic():
        Client.objects.filter(pk=by_year.pk).update(**born)
    call = inquiries.take(by=intake, given_name="Marcus", birth_year=1984)
    with pytest.raises(IntegrityError, match="birth_year"), transaction.atomic():
        Inquiry.objects.filter(pk=call.pk).update(**born)


def test_a_function_is_told_when_the_year_differs(by_year: Client, intake: StaffMember) -> None:
    with pytest.raises(YearDiffers):
        registration.change(client=by_year, by=intake, birth_date=D(1984, 5, 14), birth_year=1985)
    registration.change(client=by_year, by=intake, birth_date=D(1985, 5, 14))
    by_year.refresh_from_db()
    assert (by_year.birth_date, by_year.birth_year) == (D(1985, 5, 14), None)
    with pytest.raises(YearDiffers):
        registration.change(client=by_year, by=intake, birth_year=1984)


def test_from_the_call_to_the_record(intake: StaffMember, signed_in: SignedIn) -> None:
    desk = signed_in(intake)
    call = {"relation": "self", "given_name": "Marcus", "family_name": "Sampleson", "birth_year": "1984"}
    desk.post(reverse("cases:take_inquiry"), {**call, "language": "English"})
    inquiry = Inquiry.objects.get(family_name="Sampleson")
    assert inquiry.birth_year == 1984
    assert "<dd>1984</dd>" in desk.get(reverse("cases:inquiry", args=[inquiry.pk])).content.decode()
    form = desk.get(reverse("cases:client_new") + f"?inquiry={inquiry.pk}").context["form"]
    assert form.initial["birth_year"] == 1984


@pytest.mark.parametrize("born", [{"birth_year": 1984}, {"birth_date": D(1984, 5, 14)}])
def test_a_year_speaks_for_somebody_and_against_another(by_year: Client, intake: StaffMember, born: dict) -> None:
    def score(**known: object) -> int:
        found = finding.likely(staff_member=intake, given_name="Marcus", family_name="Sampleson", **known)
        return next(match.score for match in found if match.client == by_year)

    assert score(**born) > score() == score(birth_year=1985) > score(birth_year=1990) == score(birth_date=D(1990, 1, 1))
    found = finding.likely(staff_member=intake, given_name="Marcus", family_name="Sampleson", **born)
    assert "born in that year" in found[0].reasons


def test_a_search_finds_the_year(by_year: Client, make_client: Callable[..., Client], intake: StaffMember) -> None:
    make_client(given_name="Marcus", family_name="Sampleson", birth_date=None, birth_year=1961)
    assert finding.search(staff_member=intake, text="Sampleson 1984")[0].client == by_year
    assert finding.suggest(staff_member=intake, text="Sampleson 1984")[0].client == by_year


def test_a_number_and_a_year_of_a_household_stay_quiet(by_year: Client, intake: StaffMember) -> None:
    registration.add_contact(client=by_year, kind="phone", value="(555) 010-0142", by=intake)
    found = finding.likely(staff_member=intake, phone="5550100142", family_name="Quartermaine", birth_year=1984)
    assert [match.by_number_only for match in found if match.client == by_year] == [True]


def test_an_earlier_call_tells_its_year(intake: StaffMember, signed_in: SignedIn) -> None:
    inquiries.take(by=intake, given_name="Marcus", family_name="Sampleson", birth_year=1984)
    known = {"given_name": "Marcus", "family_name": "Sampleson", "birth_year": 1984}
    calls = earlier_calls.alike(staff_member=intake, **known)
    assert "born in that year" in calls[0].reasons
    page = signed_in(intake).post(reverse("cases:inquiry_matches"), {**known, "birth_year": "1984"}).content.decode()
    assert "born 1984" in page


def test_the_same_person_registered_twice(by_year: Client, intake: StaffMember) -> None:
    with pytest.raises(registration.LookFirst):
        registration.register(
            by=intake, has_looked=False, given_name="Marcus", family_name="Sampleson", birth_date=D(1984, 5, 14)
        )
    other = {"given_name": "Marcus", "family_name": "Sampleson", "birth_year": 1990}
    assert registration.register(by=intake, has_looked=False, **other).pk != by_year.pk


def test_namesakes_are_those_whom_the_year_does_not_tell_apart(
    by_year: Client, make_client: Callable[..., Client], intake: StaffMember
) -> None:
    def named(**born: object) -> Client:
        return make_client(given_name="Marcus", family_name="Sampleson", **{"birth_date": None, **born})

    same_year, in_that_year = named(birth_year=1984), named(birth_date=D(1984, 5, 14))
    another, unknown = named(birth_year=1985), named()
    assert set(finding.namesakes(by_year, staff_member=intake)) == {same_year, in_that_year}
    assert set(finding.namesakes(in_that_year, staff_member=intake)) == {by_year, same_year}
    assert finding.namesakes(another, staff_member=intake) == []
    assert finding.namesakes(unknown, staff_member=intake) == []
    found = finding.search(staff_member=intake, text="Marcus Sampleson")
    assert {len(match.namesakes) for match in found if match.client in (by_year, same_year, in_that_year)} == {2}


def test_an_emergency_finds_by_year_and_whole_name(
    by_year: Client, make_client: Callable[..., Client], counselor: StaffMember
) -> None:
    def find(given: str = "Marcus", **born: object) -> Client:
        return emergency.find(given_name=given, family_name="Sampleson", by=counselor, **{"birth_date": None, **born})

    assert find(birth_year=1984) == by_year
    assert find(birth_date=D(1984, 5, 14)) == by_year  # the date on the ID card, the year on record
    for given, born in (
        ("Marcus", {"birth_year": 1985}),
        ("Marcus", {"birth_date": D(1985, 5, 14)}),
        ("Marcus", {}),
        ("", {"birth_year": 1984}),
        ("", {"birth_date": D(1984, 5, 14)}),
    ):
        with pytest.raises(emergency.NobodyFound):
            find(given, **born)
    make_client(given_name="Other", family_name="Sampleson", birth_date=D(1984, 5, 14))
    with pytest.raises(emergency.NobodyFound):
        find("Other", birth_year=1984)  # a date on record is not found by its year


def test_the_emergency_form_takes_the_year(by_year: Client, counselor: StaffMember, signed_in: SignedIn) -> None:
    from privacy.forms.emergencies import EmergencyForm

    typed = {"given_name": "Marcus", "family_name": "Sampleson", "reason": "Found unconscious at home."}
    form = EmergencyForm({**typed, "birth_year": "1984"}, request=None, fault="asks for no password")
    assert set(form.errors) == {"__all__"}
    assert form.cleaned_data["birth_year"] == 1984
    form = EmergencyForm({**typed, "birth_year": "1984", "birth_date": "1985-01-02"}, request=None)
    assert "1985" in str(form.errors["birth_year"])


@pytest.mark.parametrize(
    ("kept", "absorbed", "after"),
    [
        ({"birth_year": 1984}, {"birth_date": D(1984, 5, 14)}, (D(1984, 5, 14), None)),
        ({}, {"birth_year": 1984}, (None, 1984)),
        ({"birth_year": 1984}, {"birth_date": D(1990, 5, 14)}, (None, 1984)),
        ({"birth_date": D(1984, 5, 14)}, {"birth_year": 1984}, (D(1984, 5, 14), None)),
    ],
)
def test_two_records_become_one(
    make_client: Callable[..., Client],
    make_staff: Callable[..., StaffMember],
    kept: dict,
    absorbed: dict,
    after: tuple,
) -> None:
    by = make_staff(Role.SUPERVISOR)
    keep, absorb = (make_client(**{"birth_date": None, **born}) for born in (kept, absorbed))
    joined = merging.merge(keep=keep, absorb=absorb, by=by)
    keep.refresh_from_db()
    assert (keep.birth_date, keep.birth_year) == after
    merging.unmerge(merge=joined, by=by)
    keep.refresh_from_db()
    assert (keep.birth_date, keep.birth_year) == (kept.get("birth_date"), kept.get("birth_year"))


def test_taken_apart_after_the_date_was_corrected(
    make_client: Callable[..., Client], make_staff: Callable[..., StaffMember]
) -> None:
    by = make_staff(Role.SUPERVISOR)
    keep = make_client(birth_date=None, birth_year=1984)
    joined = merging.merge(keep=keep, absorb=make_client(birth_date=D(1984, 5, 14)), by=by)
    registration.change(client=keep, by=by, birth_date=D(1984, 5, 15))
    merging.unmerge(merge=joined, by=by)
    keep.refresh_from_db()
    assert (keep.birth_date, keep.birth_year) == (D(1984, 5, 15), None)


@pytest.mark.parametrize(("year", "is_minor", "alone"), [(2007, False, True), (2008, True, True), (2012, True, False)])
def test_of_a_year_the_youngest_age_counts(
    make_client: Callable[..., Client], year: int, is_minor: bool, alone: bool
) -> None:
    """Stricter: who may still be 17 is a minor, and who may still be 13 needs both signatures where the age is 14."""
    from privacy.models import MinorConsentAge

    client = make_client(birth_date=None, birth_year=year, state="NY")
    MinorConsentAge.objects.create(clinic=client.clinic, state="NY", age=14, source="Made-up statute")
    on = D(2026, 11, 27)
    assert (minors.is_minor(client, on), minors.consents_alone(client, on)) == (is_minor, alone)


def test_nothing_happened_before_the_year(by_year: Client) -> None:
    possible_days.check_possible(by_year, D(1984, 1, 1))
    with pytest.raises(possible_days.BeforeBirth, match="1984"):
        possible_days.check_possible(by_year, D(1983, 12, 31))


def test_first_use_is_held_against_the_oldest_age(by_year: Client, counselor: StaffMember, program: object) -> None:
    from cases.episodes import admissions
    from tests import factories

    factories.CareTeamMemberFactory(client=by_year, staff_member=counselor)
    episode = admissions.admit(
        client=by_year, program=program, level_of_care="1.5", admitted_on=D(2026, 11, 20), by=counselor
    )
    used = {"substance": "alcohol", "route": "oral"}
    with pytest.raises(data_sets.NotPossible):
        data_sets.record(
            episode=episode, point="admission", substances=[{**used, "age_at_first_use": 43}], by=counselor
        )
    data_sets.record(episode=episode, point="admission", substances=[{**used, "age_at_first_use": 42}], by=counselor)
