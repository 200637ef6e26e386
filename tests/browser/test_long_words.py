"""A long link or word in what somebody wrote breaks inside the page: nothing scrolls sideways on a phone."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from cases.recovery import learning, relapses
from counseling import notes, plans, signing
from staff.models import Role, StaffMember
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
LINK = f"https://example.org/{'a-long-way-down/' * 12}?{'q' * 90}"
WORD = "W" * 180
SAID = f"She sent {LINK} and wrote {WORD}."


@pytest.fixture
def supervisor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.SUPERVISOR, credential="LCDC"
    )


@pytest.fixture
def pages(supervisor: StaffMember) -> list[str]:
    """Where the words of a note, a plan and a return to use stand: written, read, listed, signed, printed."""
    client = factories.ClientFactory(clinic=supervisor.clinic, counselor=supervisor)
    program = factories.ProgramFactory(clinic=supervisor.clinic, name="Outpatient")
    episode = factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=supervisor)
    goal = plans.add_goal(episode=episode, wording=f"Sleep {WORD}", by=supervisor)
    plans.add_objective(goal=goal, wording=LINK[:200], by=supervisor)
    learning.add_trigger(client=client, wording=LINK[:200], by=supervisor)
    day = client.today - datetime.timedelta(days=10)
    relapses.record(client=client, started_on=day, ended_on=day, learned=SAID, plan_change=SAID, by=supervisor)
    begun = timezone.now() - datetime.timedelta(hours=2)
    draft, signed = (
        notes.start(
            client=client,
            episode=episode,
            by=supervisor,
            sections=dict.fromkeys(("subjective", "assessment", "plan"), SAID),
            session_started_at=begun - datetime.timedelta(hours=back),
            session_ended_at=begun - datetime.timedelta(hours=back) + datetime.timedelta(minutes=50),
        )
        for back in (0, 3)
    )
    signing.sign(note=signed, by=supervisor)
    signing.add_addendum(note=signed, text=SAID, reason=WORD, by=supervisor)
    of_client, of_draft, of_signed = [client.pk], [client.pk, draft.pk], [client.pk, signed.pk]
    return [
        *(reverse(f"counseling:{name}", args=of_draft) for name in ("note_edit", "note_sign")),
        *(reverse(f"counseling:{name}", args=of_signed) for name in ("note_edit", "note_verify", "note_print")),
        *(reverse(f"counseling:{name}", args=of_client) for name in ("notes", "plan", "plan_print")),
        reverse("cases:relapses", args=of_client),
        reverse("desk:chart", args=of_client),
    ]


def test_nothing_is_wider_than_a_phone(
    quiet_page: Page, enter: Callable[[StaffMember], None], supervisor: StaffMember, pages: list[str]
) -> None:
    enter(supervisor)
    quiet_page.set_viewport_size({"width": 390, "height": 844})
    wide, silent = [], []
    for path in pages:
        quiet_page.goto(path)
        if not any(text in quiet_page.content() for text in (WORD, LINK[:200])):
            silent.append(path)
        if quiet_page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    assert wide == []
    assert silent == []  # the words are there to be broken


def test_nor_while_it_is_typed(
    quiet_page: Page, enter: Callable[[StaffMember], None], supervisor: StaffMember, pages: list[str]
) -> None:
    enter(supervisor)
    quiet_page.set_viewport_size({"width": 390, "height": 844})
    quiet_page.goto(pages[0])
    quiet_page.get_by_label("Plan", exact=True).fill(WORD * 3 + LINK)
    assert quiet_page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
