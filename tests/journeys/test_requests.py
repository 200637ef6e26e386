"""Somebody asks about a 16-year-old (scenario 15), a lawyer sends a subpoena: told through the pages."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from privacy import minors
from privacy.models import AskedAbout, ChartAccess, Disclosure, MinorConsentAge, RequestStep
from staff.models import AuditEntry, Clinic, StaffMember
from tests import factories

from .house import at

D = datetime.date
SignIn = Callable[[StaffMember], Browser]
MOTHER = "Maria Example-Parent"
NAME = "Jules Sampleteen"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(at(D(2026, 3, 9), 12), tick=False) as clock:
        yield clock


@pytest.fixture
def minor(clinic: Clinic, counselor: StaffMember, clock: Any) -> Client:
    """16 years old on March 9, 2026, in a state whose law lets people consent alone from 14."""
    MinorConsentAge.objects.create(clinic=clinic, state="NY", age=14, source="Made-up statute, checked for this test")
    given, family = NAME.split()
    return factories.ClientFactory(
        clinic=clinic, counselor=counselor, given_name=given, family_name=family, birth_date=D(2009, 6, 1), state="NY"
    )


def shown(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_15_a_parent_asks_about_a_16_year_old(
    minor: Client, intake: StaffMember, privacy_officer: StaffMember, make_staff: Any, signed_in: SignIn
) -> None:
    """Denied in neutral words, presence unconfirmed, denial logged."""
    desk = signed_in(intake)
    call = {"about": NAME, "asked_by": MOTHER, "relation": "parent", "way": "phone", "kind": "question"}

    # The mother calls. The desk has the words before it types a name, and looks nobody up.
    assert f"Say only this “{minors.NEUTRAL}”" in shown(desk.get(reverse("privacy:asked")))
    of_a_client = shown(desk.post(reverse("privacy:asked"), call, follow=True))

    # Presence unconfirmed: a colleague's page says the same, word for word, of somebody who is no client.
    namesake = make_staff(intake.role, given_name=intake.given_name, family_name=intake.family_name)
    of_nobody = signed_in(namesake).post(reverse("privacy:asked"), call | {"about": "Nobody Atall"}, follow=True)
    assert NAME in of_a_client
    assert of_a_client.replace(NAME, "…") == shown(of_nobody).replace("Nobody Atall", "…")
    assert not ChartAccess.objects.filter(client_id=minor.pk).exists()

    # Denied in neutral words, and the denial is logged: in the request, in the audit log, in the officer's list.
    asked = AskedAbout.objects.get(about=NAME)
    assert (asked.relation, asked.asked_by, asked.client_id) == ("parent", MOTHER, None)
    assert asked.answer == minors.NEUTRAL
    assert not asked.may_tell
    entry = AuditEntry.objects.get(act="privacy.asked_about", subject_id=asked.pk)
    assert entry.details == {"kind": "question", "relation": "parent", "way": "phone", "may_tell": False}
    office = signed_in(privacy_officer)
    listed = shown(office.get(reverse("privacy:requests") + "?stands=all&relation=parent"))
    assert f"{NAME} {MOTHER} Parent or guardian Mar 9, 2026 Denied, in neutral words" in listed
    assert NAME not in shown(office.get(reverse("privacy:requests")))  # it waits for nobody

    # On the chart the answer is the same: no consent of the minor names her, and at 16 hers is not asked.
    answer = minors.may_learn(client=minor, asked_by=MOTHER, on=D(2026, 3, 9))
    assert (answer.may_tell, answer.words) == (False, minors.NEUTRAL)
    assert minors.consents_alone(minor, D(2026, 3, 9))

    # She comes back and wants the record, in writing.
    desk.post(reverse("privacy:asked"), call | {"kind": "records", "way": "letter"})
    request = AskedAbout.objects.get(kind="records")
    assert (request.answer, request.answer_by) == (minors.NEUTRAL, D(2026, 3, 23))
    letter = shown(desk.get(reverse("privacy:asked_letter", args=[request.pk])))
    assert minors.NEUTRAL in letter
    assert "Jules" not in letter
    assert "Take a request: someone else’s record" in shown(office.get(reverse("desk:today")))

    # The officer finds whom it is about, sees that nothing may be told, and cannot close it as disclosed.
    page = reverse("privacy:request", args=[request.pk])
    office.post(reverse("privacy:request_client", args=[request.pk]), {"number": minor.pk})
    assert "Nothing may be told. No consent signed by the client names this person." in shown(office.get(page))
    close = reverse("privacy:request_close", args=[request.pk])
    why = "At 16 she consents alone in this state; she signed nothing for her mother."
    refused = office.post(close, {"close-outcome": "released", "close-reason": why}, follow=True)
    assert "Record the disclosure first" in shown(refused)
    office.post(close, {"close-outcome": "denied", "close-reason": why})
    assert RequestStep.objects.get(step="closed").outcome == "denied"
    assert not Disclosure.objects.exists()
    assert "someone else’s record" not in shown(office.get(reverse("desk:today")))

    # What the desk sees of it all is what it wrote down.
    after = shown(desk.get(reverse("privacy:asked")))
    assert NAME in after
    assert why not in after


def test_a_subpoena_goes_to_the_privacy_officer_and_is_answered_without_a_word(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, signed_in: SignIn, clock: Any
) -> None:
    desk, office = signed_in(intake), signed_in(privacy_officer)
    desk.post(
        reverse("privacy:asked"),
        {
            "about": client_record.full_name, "asked_by": "Pat Example, attorney", "relation": "police",
            "way": "in_person", "kind": "subpoena", "answer_by": "2026-03-20",
        },
    )  # fmt: skip
    request = AskedAbout.objects.get()
    assert request.answer == minors.NEUTRAL + minors.WITH_PAPERS
    assert "Subpoena" in shown(office.get(reverse("privacy:requests")))
    assert "A subpoena alone releases nothing." in shown(office.get(reverse("privacy:request", args=[request.pk])))

    clock.move_to(at(D(2026, 3, 21), 9))
    assert "1 day overdue" in shown(signed_in(privacy_officer).get(reverse("privacy:requests") + "?stands=overdue"))
    assert "overdue Mar 20, 2026" in shown(signed_in(privacy_officer).get(reverse("desk:today")))
