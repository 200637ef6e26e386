"""Fixtures for tests of counseling: a client who was readmitted, and what earlier episodes know."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client, CopingStrategy, RelapseCoping, TreatmentEpisode, Trigger, WarningSign
from counseling import notes, plans, sud_counseling_notes
from counseling.models import DischargePlan, SeparateNote, SessionNote
from staff.models import Program, StaffMember
from tests import factories
from tests.counseling.sud_counseling_notes.separately import TEXT, today
from tests.counseling.tablet.tablets import TABLET


@pytest.fixture
def episode(client_record: Client, program: Program, counselor: StaffMember) -> TreatmentEpisode:
    return factories.TreatmentEpisodeFactory(client=client_record, program=program, admitted_by=counselor)


@pytest.fixture
def draft(client_record: Client, episode: TreatmentEpisode, counselor: StaffMember) -> SessionNote:
    now = timezone.now()
    return notes.start(
        client=client_record,
        episode=episode,
        by=counselor,
        session_started_at=now - datetime.timedelta(hours=2),
        session_ended_at=now - datetime.timedelta(hours=1),
        sections={"subjective": "Slept badly, argued with his brother.", "plan": "Call on Friday."},
    )


@pytest.fixture
def separate_draft(client_record: Client, episode: TreatmentEpisode, counselor: StaffMember) -> SeparateNote:
    return sud_counseling_notes.start(client=client_record, session_on=today(client_record), text=TEXT, by=counselor)


@pytest.fixture
def signed_note(separate_draft: SeparateNote, counselor: StaffMember) -> SeparateNote:
    return sud_counseling_notes.sign(note=separate_draft, version=separate_draft.version, by=counselor)


@pytest.fixture
def returning(client_record: Client, program: Program, counselor: StaffMember) -> SimpleNamespace:
    """Robin was in care from January to April 1, 2026, used from April 10 to 12, and was admitted again on April 20."""
    first = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_by=counselor, admitted_on=datetime.date(2026, 1, 5)
    )
    seen = {
        "client": client_record,
        "first_seen_on": datetime.date(2026, 1, 20),
        "first_seen_in": first,
        "recorded_by": counselor,
        "recorded_at": timezone.now(),
    }
    payday = Trigger.objects.create(wording="Payday", **seen)
    stairwell = Trigger.objects.create(wording="The stairwell at work", **seen)
    sleep = WarningSign.objects.create(wording="Sleeping in the day", category="body", **seen)
    walk = CopingStrategy.objects.create(wording="Walking the dog", **seen)
    call = CopingStrategy.objects.create(wording="Calling my sister", **seen)
    breathe = CopingStrategy.objects.create(wording="Breathing exercise", **seen)
    goal = plans.add_goal(episode=first, wording="See my daughter every week", by=counselor)
    objective = plans.add_objective(goal=goal, wording="Two visits by March", by=counselor)
    safety = plans.write_safety_plan(episode=first, by=counselor, people_to_ask="My sister")
    discharge = plans.write_discharge_plan(
        episode=first, by=counselor, if_use_returns="Call the clinic the same day", strategies=[walk]
    )
    TreatmentEpisode.objects.filter(pk=first.pk).update(
        discharged_on=datetime.date(2026, 4, 1), discharge_reason="completed"
    )
    DischargePlan.objects.filter(pk=discharge.pk).update(
        written_at=datetime.datetime(2026, 3, 31, 15, tzinfo=datetime.UTC)
    )
    discharge.refresh_from_db()
    first.refresh_from_db()
    relapse = factories.RelapseFactory(
        client=client_record,
        started_on=datetime.date(2026, 4, 10),
        ended_on=datetime.date(2026, 4, 12),
        recorded_at=timezone.now(),
        recorded_by=counselor,
    )
    wedding = Trigger.objects.create(
        **{**seen, "first_seen_on": relapse.started_on, "first_seen_in": None}, wording="A wedding"
    )
    relapse.triggers.set([payday, wedding])
    RelapseCoping.objects.create(relapse=relapse, strategy=walk, outcome="did_not")
    RelapseCoping.objects.create(relapse=relapse, strategy=call, outcome="helped")
    second = factories.TreatmentEpisodeFactory(
        client=client_record,
        program=program,
        admitted_by=counselor,
        admitted_on=datetime.date(2026, 4, 20),
        prior_episode=first,
        relapse=relapse,
        presenting_reason="return",
    )
    return SimpleNamespace(**{name: value for name, value in locals().items() if name != "seen"})


@pytest.fixture
def hand_over(
    client_record: Client, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> Callable[..., Browser]:
    """The browser of the counselor, handed over to Robin as they would."""

    def give(*instruments: str, browser: Browser | None = None) -> Browser:
        browser = browser or signed_in(counselor)
        url = reverse("counseling:hand_over", args=[client_record.pk])
        answer = browser.post(url, {"instruments": instruments or ["phq-9"]})
        assert (answer.status_code, answer["Location"]) == (302, TABLET)
        return browser

    return give


@pytest.fixture
def tablet(hand_over: Callable[..., Browser], episode: TreatmentEpisode) -> Browser:
    return hand_over("phq-9", "gad-7")
