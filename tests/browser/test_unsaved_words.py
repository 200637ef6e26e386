"""In a real browser: a laptop is closed, a session ends, somebody else sits down. No word is lost."""

from __future__ import annotations

import datetime
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route, expect

from counseling import notes, signing, sud_counseling_notes
from counseling.models import SessionNote
from staff.models import Role, Session, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
EARLIER = re.compile(r"earlier\s+versions? of this draft")
PASSWORD = "sample-password-1"
OFFER = "Unsaved writing on this computer"


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )


@pytest.fixture
def draft(counselor: StaffMember) -> SessionNote:
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    program = factories.ProgramFactory(clinic=counselor.clinic, name="Outpatient")
    begun = timezone.now() - datetime.timedelta(hours=2)
    return notes.start(
        client=client,
        episode=factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=counselor),
        by=counselor,
        session_started_at=begun,
        session_ended_at=begun + datetime.timedelta(minutes=50),
    )


def sign_in(context: BrowserContext, person: StaffMember, url: str) -> None:
    session = Client()
    session.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": url}])


def sign_in_by_the_form(page: Page, person: StaffMember) -> None:
    page.goto(reverse("account_login"))
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.fixture
def machine(browser: Browser, live_server: Any) -> Iterator[Callable[..., BrowserContext]]:
    """A browser profile of its own, with somebody signed in; scripts may be switched off."""
    contexts: list[BrowserContext] = []

    def of(person: StaffMember | None, **options: Any) -> BrowserContext:
        context = browser.new_context(base_url=live_server.url, locale="en-US", **options)
        contexts.append(context)
        if person is not None:
            sign_in(context, person, live_server.url)
        return context

    yield of
    for context in contexts:
        context.close()


def address(note: SessionNote) -> str:
    return reverse("counseling:note_edit", args=[note.client_id, note.pk])


def opened(context: BrowserContext, note: SessionNote) -> Page:
    page = context.new_page()
    page.goto(address(note))
    if page.locator(".note-session__change").count():
        page.locator(".note-session__change").click()
    return page


def stored(note: SessionNote) -> SessionNote:
    return SessionNote.objects.get(pk=note.pk)


def plan_of(note: SessionNote) -> str:
    return stored(note).sections.get("plan", "")


def saved(page: Page, version: int) -> None:
    expect(page.locator("[data-autosave] [name=version]")).to_have_value(str(version))


ALL_COPIES = """async () => {
  const request = indexedDB.open("onward-unsaved", 1);
  const database = await new Promise((done) => { request.onsuccess = () => done(request.result); });
  const all = database.transaction("copies").objectStore("copies").getAll();
  await new Promise((done) => { all.onsuccess = done; });
  return all.result.map((copy) => [copy.note, Array.from(new Uint8Array(copy.data))]);
}"""


def copies_on(page: Page) -> list[tuple[str, bytes]]:
    return [(note, bytes(data)) for note, data in page.evaluate(ALL_COPIES)]


def wait_for_copies(page: Page, number: int) -> list[tuple[str, bytes]]:
    wait_until(page, lambda: len(copies_on(page)) == number)
    return copies_on(page)


def test_two_windows_on_different_parts_disturb_nobody(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    desk, laptop = (opened(machine(counselor), draft) for _ in range(2))
    desk.get_by_label("Plan", exact=True).fill("Call on Friday.")
    desk.get_by_label("Attendees").fill("Client and sister")
    wait_until(desk, lambda: (plan_of(draft), stored(draft).attendees) == ("Call on Friday.", "Client and sister"))
    laptop.get_by_label("Subjective", exact=True).fill("Slept badly.")
    expect(laptop.get_by_label("Plan", exact=True)).to_have_value("Call on Friday.")
    expect(laptop.get_by_label("Attendees")).to_have_value("Client and sister")
    expect(laptop.get_by_role("alert")).to_contain_text("Changes from your other window")
    note = stored(draft)
    assert note.sections == {"plan": "Call on Friday.", "subjective": "Slept badly."}
    assert note.attendees == "Client and sister"
    laptop.get_by_label("Plan", exact=True).fill("Call on Friday, and on Monday.")
    wait_until(laptop, lambda: plan_of(draft) == "Call on Friday, and on Monday.")
    assert not draft.set_aside.exists()


def test_the_header_is_part_of_the_choice(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    desk, laptop = (opened(machine(counselor), draft) for _ in range(2))
    for page, place, found in ((desk, "phone", "Asked; denies."), (laptop, "video", "Asked; thoughts without plan.")):
        page.get_by_label("Location*").select_option(place)
        page.get_by_label("Findings and actions taken").fill(found)
        if page is desk:
            wait_until(desk, lambda: (stored(draft).place, stored(draft).risk_detail) == ("phone", "Asked; denies."))
    laptop.get_by_label("Objective", exact=True).fill("Calm.")
    laptop.get_by_role("button", name="Compare versions").click()
    expect(laptop.get_by_role("group", name="Location")).to_contain_text("other window")
    for words in ("Asked; denies.", "Asked; thoughts without plan."):
        expect(laptop.locator(".note-conflict__text").get_by_text(words)).to_be_visible()
    expect(laptop.get_by_role("group", name="Objective")).to_have_count(0)
    assert accessibility_faults(laptop) == []
    laptop.get_by_role("radio", name="Phone").check()
    laptop.get_by_role("button", name="Save this version").click()
    expect(laptop.get_by_text(EARLIER)).to_be_visible()
    note = stored(draft)
    assert (note.place, note.risk_detail) == ("phone", "Asked; thoughts without plan.")
    assert note.sections == {"objective": "Calm."}
    laptop.get_by_text(EARLIER).click()
    expect(laptop.locator(".note-set-aside", has_text="Asked; denies.")).to_be_visible()
    expect(laptop.locator("[data-copy]")).to_be_hidden()


def test_a_time_that_makes_no_sense_holds_nothing_else_up(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    page = opened(machine(counselor), draft)
    began = stored(draft).session_started_at
    page.get_by_label("Date*").fill("")
    page.get_by_label("Plan", exact=True).fill("Call on Friday.")
    page.get_by_label("Attendees").fill("Client and sister")
    wait_until(page, lambda: (plan_of(draft), stored(draft).attendees) == ("Call on Friday.", "Client and sister"))
    expect(page.get_by_role("alert")).to_contain_text("Saved except for this")
    note = stored(draft)
    assert note.session_started_at.replace(second=0) == began.replace(second=0)
    expect(page.get_by_label("Date*")).to_have_value("")
    page.get_by_label("Date*").fill("2026-03-02")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert timezone.localtime(stored(draft).session_started_at, counselor.clinic.zone).date() == datetime.date(
        2026, 3, 2
    )


def test_words_typed_on_after_a_lost_answer_are_no_conflict(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    page = opened(machine(counselor), draft)
    lost: list[int] = []

    def save_and_lose_the_answer(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**" + address(draft), save_and_lose_the_answer)
    plan = page.get_by_label("Plan", exact=True)
    plan.fill("Said once")
    expect(page.get_by_role("alert")).to_contain_text("Your writing is still here")
    assert (lost, plan_of(draft)) == ([200], "Said once")
    plan.press_sequentially(", and gone on with.")
    expect(page.get_by_role("alert")).to_be_hidden()
    wait_until(page, lambda: plan_of(draft) == "Said once, and gone on with.")
    assert not draft.set_aside.exists()


def test_words_of_a_closed_laptop_come_back(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    laptop = machine(counselor)
    page = opened(laptop, draft)
    page.get_by_label("Plan", exact=True).fill("Saved before.")
    saved(page, 2)
    wait_for_copies(page, 0)
    laptop.set_offline(True)
    page.get_by_label("Plan", exact=True).fill("Saved before. Typed in the tunnel.")
    [(note, noise)] = wait_for_copies(page, 1)
    assert (note, b"tunnel" in noise) == (f"sessionnote-{draft.pk}", False)
    page.close()  # without asking, as when the lid is closed and the battery goes
    laptop.set_offline(False)
    assert plan_of(draft) == "Saved before."
    page = opened(laptop, draft)
    offer = page.get_by_role("region", name=OFFER)
    expect(offer).to_contain_text("Saved before. Typed in the tunnel.")
    expect(page.get_by_label("Plan", exact=True)).to_have_value("Saved before.")
    assert accessibility_faults(page) == []
    offer.get_by_role("button", name="Add to the note").click()
    expect(page.get_by_label("Plan", exact=True)).to_have_value("Saved before. Typed in the tunnel.")
    saved(page, 3)
    assert plan_of(draft) == "Saved before. Typed in the tunnel."
    expect(offer).to_be_hidden()
    wait_for_copies(page, 0)


def test_a_browser_that_is_killed_loses_nothing(
    playwright: Playwright,
    browser_type_launch_args: dict[str, Any],
    live_server: Any,
    counselor: StaffMember,
    draft: SessionNote,
    tmp_path: Path,
) -> None:
    def start() -> BrowserContext:
        context = playwright.chromium.launch_persistent_context(
            tmp_path, base_url=live_server.url, **browser_type_launch_args
        )
        sign_in(context, counselor, live_server.url)
        return context

    page = opened(start(), draft)
    page.context.set_offline(True)
    page.get_by_label("Plan", exact=True).fill("The last words before the crash.")
    wait_for_copies(page, 1)
    kill_browser_of(tmp_path)
    again = start()
    page = opened(again, draft)
    page.get_by_role("button", name="Add to the note").click()
    saved(page, 2)
    assert plan_of(draft) == "The last words before the crash."
    again.close()


def kill_browser_of(profile: Path) -> None:
    """SIGKILL for every process of the browser with this profile: nothing is flushed, nothing says goodbye."""
    killed = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"--user-data-dir={profile}" in command:
            os.kill(int(process.name), signal.SIGKILL)
            killed.append(process.name)
    assert killed


def test_words_left_behind_meet_words_written_since(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    laptop = machine(counselor)
    page = opened(laptop, draft)
    laptop.set_offline(True)
    page.get_by_label("Plan", exact=True).fill("From the laptop.")
    wait_for_copies(page, 1)
    page.close()
    notes.save_draft(note=draft, version=1, by=counselor, plan="From the desk, later.")
    laptop.set_offline(False)
    page = opened(laptop, draft)
    page.get_by_role("button", name="Add to the note").click()
    page.get_by_role("button", name="Compare versions").click()
    for words in ("From the desk, later.", "From the laptop."):
        expect(page.locator(".note-conflict__text").get_by_text(words)).to_be_visible()
    assert plan_of(draft) == "From the desk, later."


def test_words_left_behind_are_shown_beside_a_note_signed_meanwhile(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    laptop = machine(counselor)
    page = opened(laptop, draft)
    laptop.set_offline(True)
    page.get_by_label("Plan", exact=True).fill("Never arrived.")
    wait_for_copies(page, 1)
    page.close()
    laptop.set_offline(False)
    signing.sign(note=notes.save_draft(note=draft, version=1, by=counselor, plan="At the desk."), by=counselor)
    page = opened(laptop, draft)
    offer = page.get_by_role("region", name=OFFER)
    expect(offer).to_contain_text("Never arrived.")
    expect(offer).to_contain_text("addendum")
    assert accessibility_faults(page) == []
    offer.get_by_role("button", name="Delete from this computer").click()
    expect(offer).to_be_hidden()
    wait_for_copies(page, 0)


def test_whoever_sits_down_next_finds_noise_and_a_covered_page(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote, live_server: Any
) -> None:
    shared = machine(counselor)
    page = opened(shared, draft)
    Session.objects.all().delete()
    page.get_by_label("Plan", exact=True).fill("For nobody else.")
    expect(page.get_by_role("alert")).to_contain_text("signed out")
    colleague = factories.StaffMemberFactory(clinic=counselor.clinic, role=Role.COUNSELOR)
    factories.CareTeamMemberFactory(client=draft.client, staff_member=colleague)
    other = shared.new_page()
    sign_in_by_the_form(other, colleague)
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    expect(page.get_by_label("Plan", exact=True)).to_be_hidden()
    other.goto(reverse("counseling:notes", args=[draft.client_id]))
    expect(other.locator("[data-copy-keys]")).to_have_count(0)
    assert b"nobody else" not in b"".join(noise for _, noise in copies_on(other))
    assert plan_of(draft) == ""
    other.get_by_role("button", name="Sign out").click()
    sign_in_by_the_form(other, counselor)
    expect(page.get_by_label("Plan", exact=True)).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden(timeout=30_000)
    assert plan_of(draft) == "For nobody else."


def test_an_ended_session_and_a_button_lose_nothing(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    desk = machine(counselor)
    page = opened(desk, draft)
    Session.objects.all().delete()
    page.get_by_label("Plan", exact=True).fill("Pressed at once.")
    page.get_by_role("button", name="Continue to sign").click()
    expect(page.get_by_role("alert")).to_contain_text("signed out")
    expect(page.get_by_label("Plan", exact=True)).to_have_value("Pressed at once.")
    sign_in_by_the_form(desk.new_page(), counselor)
    expect(page.get_by_role("alert")).to_be_hidden(timeout=30_000)
    page.get_by_role("button", name="Continue to sign").click()
    expect(page.get_by_label("Your password")).to_be_visible()
    assert plan_of(draft) == "Pressed at once."


def test_an_ended_session_loses_nothing_without_scripts(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    plain = machine(counselor, java_script_enabled=False)
    page = opened(plain, draft)
    words = "\nWritten without scripts,\non two lines."
    page.get_by_label("Plan", exact=True).fill(words)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Submit your form again")).to_be_visible()
    sign_in_by_the_form(plain.new_page(), counselor)
    page.get_by_role("button", name="Submit again").click()
    expect(page.get_by_text("You signed in again after opening this form")).to_be_visible()
    page.get_by_role("button", name="Submit again").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    assert plan_of(draft) == words


def test_a_separate_note_left_behind_meets_what_was_written_since(
    machine: Callable[..., BrowserContext], counselor: StaffMember, draft: SessionNote
) -> None:
    apart = sud_counseling_notes.start(
        client=draft.client, session_on=timezone.localdate(timezone=counselor.clinic.zone), by=counselor
    )
    where = reverse("counseling:separate_note", args=[draft.client_id, apart.pk])
    laptop = machine(counselor)
    page = laptop.new_page()
    page.goto(where)
    page.get_by_label("Note", exact=True).fill("Saved before.")
    saved(page, 2)
    laptop.set_offline(True)
    page.get_by_label("Note", exact=True).fill("From the laptop.")
    wait_for_copies(page, 1)
    page.close()
    sud_counseling_notes.save_draft(note=apart, version=2, by=counselor, text="From the desk, later.")
    laptop.set_offline(False)
    page = laptop.new_page()
    page.goto(where)
    expect(page.get_by_label("Note", exact=True)).to_have_value("From the desk, later.")
    page.get_by_role("button", name="Add to the note").click()
    page.get_by_role("button", name="Compare versions").click()
    page.get_by_role("button", name="Keep both").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    apart.refresh_from_db()
    assert apart.text == "From the desk, later.\n\nFrom the laptop."
    wait_for_copies(page, 0)
