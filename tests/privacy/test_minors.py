"""Who asks about a person learns nothing, a minor's parent included. The one owner of the answer: privacy/minors.py."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from privacy import consents, disclosures, minors
from privacy.models import AskedAbout, Consent, MinorConsentAge
from privacy.thresholds import MAJORITY_AGE
from staff.models import AuditEntry, ClinicThreshold, Role, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.ownership import as_owner

MOTHER = "Maria Example-Parent"


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def years_ago(client_clinic: Any, years: int) -> datetime.date:
    return timezone.localdate(timezone=client_clinic.zone) - datetime.timedelta(days=years * 366)


@pytest.fixture
def minor(clinic: Any, counselor: StaffMember) -> Client:
    """16 years old, in a state whose law lets people consent alone from 14."""
    MinorConsentAge.objects.create(clinic=clinic, state="NY", age=14, source="Made-up statute, checked for this test")
    return factories.ClientFactory(
        clinic=clinic,
        counselor=counselor,
        given_name="Jules",
        family_name="Sampleteen",
        birth_date=years_ago(clinic, 16),
        state="NY",
    )


def form(client: Client, by: StaffMember, **elements: Any) -> Consent:
    return consents.record(
        client=client,
        type="disclosure",
        by=by,
        **{
            "discloser": "Example Clinic",
            "recipients": MOTHER,
            "description": "Dates of attendance",
            "purpose": "Rides to visits",
            "right_to_revoke_stated": True,
            "expires_on": datetime.date(2050, 1, 1),
            "signed_by_name": client.full_name,
            "signed_on": timezone.localdate(timezone=client.clinic.zone),
            **elements,
        },
    )


def may(client: Client, who: str = MOTHER) -> minors.Answer:
    return minors.may_learn(client=client, asked_by=who, on=timezone.localdate(timezone=client.clinic.zone))


def test_scenario_15_a_parent_asks_about_a_16_year_old(minor: Client, counselor: StaffMember, signed_in: Any) -> None:
    """Denied in neutral words, presence unconfirmed, the denial logged; on the phone and on paper alike."""
    assert minors.is_minor(minor, minor.today)
    assert may(minor) == minors.Answer(False, minors.NEUTRAL, "No consent signed by the client names this person.")

    browser = signed_in(counselor)
    page = text(
        browser.post(
            reverse("privacy:client_asked", args=[minor.pk]), {"asked_by": MOTHER, "relation": "parent", "way": "phone"}
        )
    )
    assert minors.NEUTRAL in page
    asked = AskedAbout.objects.get()
    assert (asked.client_id, asked.relation, asked.way, asked.answer) == (minor.pk, "parent", "phone", minors.NEUTRAL)
    assert AuditEntry.objects.filter(act="privacy.asked_about", client_id=minor.pk).exists()

    letter = browser.get(reverse("privacy:asked_letter", args=[asked.pk])).content.decode()
    assert minors.NEUTRAL in letter
    for revealing in ("Jules", "Sampleteen", minor.clinic.name, "42 CFR"):
        assert revealing not in letter


def test_the_answer_is_the_same_for_a_client_and_for_nobody(minor: Client, make_staff: Any, signed_in: Any) -> None:
    """Whoever answers the phone types a name; the page neither finds nor misses anybody."""
    url = reverse("privacy:asked")
    pages = []
    for name in (minor.full_name, "Nobody Whatsoever"):
        front_desk = make_staff(Role.INTAKE_COORDINATOR, given_name="Sam", family_name="Desk")
        page = text(signed_in(front_desk).post(url, {"about": name, "relation": "parent", "way": "phone"}, follow=True))
        assert name in page
        pages.append(re.sub(r"\d{1,2}:\d{2} [AP]M", "", page.replace(name, "…")))
    assert pages[0] == pages[1]
    assert set(AskedAbout.objects.values_list("client_id", flat=True)) == {None}


def test_words_name_neither_the_person_nor_the_field() -> None:
    for revealing in ("client", "patient", "treatment", "substance", "record", "clinic", "counsel"):
        assert revealing not in minors.NEUTRAL.lower()


def test_the_minors_own_signature_lets_that_parent_learn_that_much(minor: Client, counselor: StaffMember) -> None:
    consent = form(minor, counselor)
    assert may(minor) == minors.Answer(True, "", "The client’s consent allows: Dates of attendance", consent)
    assert not may(minor, "Another Parent").may_tell
    consents.revoke(consent=consent, by=counselor)
    assert not may(minor).may_tell


def test_a_parent_cannot_sign_for_a_minor_who_consents_alone(minor: Client, counselor: StaffMember) -> None:
    with pytest.raises(minors.SignedByAnother):
        form(minor, counselor, signed_by_name=MOTHER, signed_as="Mother")
    assert not Consent.objects.exists()
    assert not may(minor).may_tell


def test_a_form_signed_before_by_a_parent_discloses_nothing(minor: Client, counselor: StaffMember) -> None:
    """Signed while the state's age was higher: the disclosure asks again on its own day."""
    MinorConsentAge.objects.update(age=18)
    consent = form(minor, counselor, signed_by_name=MOTHER, signed_as="Mother")
    MinorConsentAge.objects.update(age=14)
    with pytest.raises(minors.SignedByAnother):
        disclosures.record(client=minor, recipient=MOTHER, what="Dates", why="Asked", consent=consent, by=counselor)


def test_below_the_age_it_takes_the_minors_signature_and_the_guardians(minor: Client, counselor: StaffMember) -> None:
    MinorConsentAge.objects.update(age=17)
    form(minor, counselor, signed_by_name=MOTHER, signed_as="Mother")
    assert not may(minor).may_tell
    form(minor, counselor)
    assert may(minor).may_tell


def test_the_minors_form_alone_does_not_do_below_the_age(minor: Client, counselor: StaffMember) -> None:
    MinorConsentAge.objects.update(age=17)
    form(minor, counselor)
    assert may(minor).why == "The client can’t consent alone: a guardian’s consent is also needed."


def test_another_states_age_does_not_count_and_the_clinics_own_is_the_default(minor: Client) -> None:
    minor.state = "CA"
    assert minors.age_to_consent(minor) == minor.clinic.minor_consent_age == 18
    minor.state = "ny"
    assert minors.age_to_consent(minor) == 14


@pytest.mark.parametrize(
    ("birth_date", "day", "is_minor"),
    [
        (datetime.date(2008, 11, 28), datetime.date(2026, 11, 27), True),
        (datetime.date(2008, 11, 28), datetime.date(2026, 11, 28), False),
        (datetime.date(2008, 2, 29), datetime.date(2026, 2, 28), True),
        (datetime.date(2008, 2, 29), datetime.date(2026, 3, 1), False),
        (None, datetime.date(2026, 11, 28), False),
    ],
)
def test_eighteen_on_the_birthday(
    make_client: Any, birth_date: datetime.date | None, day: datetime.date, is_minor: bool
) -> None:
    client = make_client(birth_date=birth_date)
    assert minors.is_minor(client, day) is is_minor


def test_the_state_says_who_is_of_age(make_client: Any, clinic: Any) -> None:
    """42 CFR 2.11: a minor is who has not attained the age of majority of the state, which may be 19 or 21."""
    on = datetime.date(2026, 3, 2)
    ClinicThreshold.objects.create(clinic=clinic, key=MAJORITY_AGE.key, value=19)
    MinorConsentAge.objects.create(clinic=clinic, state="NE", age=21, source="Made-up statute, checked for this test")
    found = []
    for years in (17, 18, 19, 21):
        client = make_client(birth_date=datetime.date(2026 - years, 3, 2), state="NE")
        found.append((years, minors.is_minor(client, on), minors.consents_alone(client, on)))
    assert found == [(17, True, False), (18, True, False), (19, False, True), (21, False, True)]


def test_without_a_birth_date_only_the_own_signature_counts(make_client: Any, counselor: StaffMember) -> None:
    unknown = make_client(birth_date=None, counselor=counselor)
    assert minors.consents_alone(unknown, unknown.today)
    assert not may(unknown).may_tell


def test_the_chart_of_somebody_else_writes_nothing_down(minor: Client, make_staff: Any, signed_in: Any) -> None:
    stranger = make_staff(Role.COUNSELOR)
    url = reverse("privacy:client_asked", args=[minor.pk])
    answer = signed_in(stranger).post(url, {"asked_by": MOTHER, "relation": "parent", "way": "phone"})
    assert answer.status_code == 404
    with pytest.raises(NotPermitted):
        minors.record_asked(about="x", relation="parent", way="phone", client=minor, by=stranger)
    assert not AskedAbout.objects.exists()


def test_who_asked_is_seen_by_the_privacy_officer_and_by_who_answered(
    minor: Client, counselor: StaffMember, privacy_officer: StaffMember, make_staff: Any, other_clinic: Any
) -> None:
    asked = minors.record_asked(about="Jules", relation="parent", way="letter", client=minor, by=counselor)
    assert list(AskedAbout.objects.visible_to(privacy_officer)) == [asked]
    assert list(AskedAbout.objects.visible_to(counselor)) == [asked]
    assert not AskedAbout.objects.visible_to(make_staff(Role.SUPERVISOR)).exists()
    elsewhere = factories.StaffMemberFactory(clinic=other_clinic, role=Role.PRIVACY_OFFICER)
    assert not AskedAbout.objects.visible_to(elsewhere).exists()


@pytest.mark.parametrize("change", ["UPDATE privacy_askedabout SET about = 'x'", "DELETE FROM privacy_askedabout"])
def test_logged_requests_cannot_be_changed(counselor: StaffMember, change: str) -> None:
    minors.record_asked(about="Jules", relation="parent", way="phone", by=counselor)
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_request_needs_a_name(counselor: StaffMember) -> None:
    with pytest.raises(minors.AboutWhom):
        minors.record_asked(about="  ", relation="parent", way="phone", by=counselor)


@pytest.mark.parametrize("fields", [{"state": "ny"}, {"age": 22}, {"source": ""}])
def test_a_states_age_is_well_formed(clinic: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MinorConsentAge.objects.create(**{"clinic": clinic, "state": "NY", "age": 14, "source": "A statute", **fields})


@pytest.mark.parametrize("signs", ["guardian", "minor"])
def test_below_the_age_one_signature_discloses_nothing(minor: Client, counselor: StaffMember, signs: str) -> None:
    MinorConsentAge.objects.update(age=17)
    own = {"signed_by_name": MOTHER, "signed_as": "Mother"} if signs == "guardian" else {}
    consent = form(minor, counselor, **own)
    facts = {"client": minor, "recipient": MOTHER, "what": "Dates", "why": "Rides", "by": counselor}
    with pytest.raises(minors.BothMustSign):
        disclosures.record(consent=consent, **facts)
    form(minor, counselor, **({} if own else {"signed_by_name": MOTHER, "signed_as": "Mother"}))
    assert disclosures.record(consent=consent, **facts).recipient == MOTHER
