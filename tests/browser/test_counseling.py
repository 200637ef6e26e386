"""In a real browser: words typed into a draft are never lost."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.recovery import relapses
from counseling import notes, signing
from counseling.models import SessionNote
from staff.models import Program, Role, Session, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults

pytestmark = pytest.mark.django_db(transaction=True)
EARLIER = re.compile(r"earlier\s+versions? of this draft")


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )


@pytest.fixture
def program(counselor: StaffMember) -> Program:
    return factories.ProgramFactory(clinic=counselor.clinic, name="Outpatient")


@pytest.fixture
def draft(counselor: StaffMember, program: Program) -> SessionNote:
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    episode = factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=counselor)
    begun = timezone.now() - datetime.timedelta(hours=2)
    return notes.start(
        client=client,
        episode=episode,
        by=counselor,
        session_started_at=begun,
        session_ended_at=begun + datetime.timedelta(minutes=50),
    )


def address(note: SessionNote) -> str:
    return reverse("counseling:note_edit", args=[note.client_id, note.pk])


def plan_of(note: SessionNote) -> str:
    return SessionNote.objects.get(pk=note.pk).sections.get("plan", "")


def test_what_is_typed_saves_itself_and_is_signed(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, draft: SessionNote
) -> None:
    page = quiet_page
    enter(counselor)
    page.goto(address(draft))
    assert accessibility_faults(page) == []
    page.get_by_label("Plan", exact=True).fill("Call on Friday.")
    expect(page.locator("[data-save-state]")).to_contain_text("Draft saved")
    expect(page.locator("[data-autosave] [name=version]")).to_have_value("2")
    assert plan_of(draft) == "Call on Friday."
    page.get_by_role("button", name="Continue to sign").click()
    page.get_by_label("Your password").fill("sample-password-1")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Unchanged since signing")).to_be_visible()
    assert accessibility_faults(page) == []
    assert signing.verify(draft).unchanged


def test_a_lost_connection_loses_nothing(
    page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, draft: SessionNote
) -> None:
    enter(counselor)
    page.goto(address(draft))
    page.context.set_offline(True)
    page.get_by_label("Plan", exact=True).fill("Written in a tunnel.")
    expect(page.get_by_role("alert")).to_contain_text("no connection")
    assert plan_of(draft) == ""
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_be_hidden()
    assert plan_of(draft) == "Written in a tunnel."


def test_an_expired_session_loses_nothing(
    page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, draft: SessionNote
) -> None:
    enter(counselor)
    page.goto(address(draft))
    Session.objects.all().delete()
    page.get_by_label("Plan", exact=True).fill("Written after the session ended.")
    expect(page.get_by_role("alert")).to_contain_text("signed out")
    expect(page.get_by_role("link", name="Sign in again in another tab")).to_be_visible()
    enter(counselor)  # in another tab, with another session and another token
    expect(page.get_by_role("alert")).to_be_hidden()
    assert plan_of(draft) == "Written after the session ended."


def test_two_windows_are_told_and_both_texts_stand(
    page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, draft: SessionNote
) -> None:
    enter(counselor)
    page.goto(address(draft))
    notes.save_draft(note=draft, version=1, by=counselor, plan="From the other window.")
    page.get_by_label("Plan", exact=True).fill("From this window.")
    page.get_by_role("button", name="Compare versions").click()
    expect(page.get_by_text("From the other window.")).to_be_visible()
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Save this version").click()
    expect(page.get_by_text(EARLIER)).to_be_visible()
    assert plan_of(draft) == "From this window."
    assert {text.sections["plan"] for text in draft.set_aside.all()} == {"From the other window.", "From this window."}


def test_a_long_link_never_widens_a_page(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, draft: SessionNote
) -> None:
    """In a note, signed, found inside, with a correction, and in what a return to use told."""
    link = f"https://www.example.org/{'a' * 300}"
    texts = {part["key"]: f"See {link} and call." for part in draft.layout}
    client = draft.client
    notes.save_draft(note=draft, version=1, by=counselor, risk_screen="no_concern", sections=texts)
    signing.sign(note=draft, by=counselor)
    signing.add_addendum(note=draft, text=link, reason=link[:80], by=counselor)
    day = timezone.localdate(timezone=client.clinic.zone) - datetime.timedelta(days=3)
    relapse = relapses.record(
        client=client, started_on=day, ended_on=day, substances=["alcohol"], worked_before=link, by=counselor
    )
    enter(counselor)
    page, kept = quiet_page, reverse("counseling:notes", args=[client.pk])
    paths = [
        kept,
        f"{kept}?q=example",
        address(draft),
        reverse("desk:chart", args=[client.pk]),
        reverse("cases:relapse", args=[client.pk, relapse.pk]),
        reverse("cases:patterns", args=[client.pk]),
    ]
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
            assert ("<mark" if "?q=" in path else "a" * 100) in page.content(), path
