"""In a real browser: two of them on one draft, and a web server that is killed while somebody types."""

from __future__ import annotations

import datetime
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from counseling import notes
from counseling.models import SessionNote
from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults, wait_until
from tests.ownership import application

pytestmark = pytest.mark.django_db(transaction=True)
EARLIER = re.compile(r"earlier\s+versions? of this draft")
PATIENCE = 60  # seconds, on a busy machine


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


class WebServer:
    """A web server in a process of its own, on the test database. It is killed without warning and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url, self.log = f"http://127.0.0.1:{self.port}", folder / "web.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.env = {
            **application(),
            "DJANGO_SETTINGS_MODULE": "tests.browser.server_settings",
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--threads", "4"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "config.wsgi"],
                env=self.env,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}{reverse('account_login')}", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"no web server after {PATIENCE} s: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """The whole process group, at once: nothing is closed, nothing is answered any more."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[WebServer]:
    server = WebServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def someone(browser: Browser) -> Iterator[Callable[[StaffMember, str], Page]]:
    """A browser of its own for each call, signed in."""
    contexts: list[BrowserContext] = []

    def sit_down(person: StaffMember, url: str) -> Page:
        session = Client()
        session.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        context = browser.new_context(base_url=url, locale="en-US")
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": session.cookies[name].value, "url": url}])
        contexts.append(context)
        return context.new_page()

    yield sit_down
    for context in contexts:
        context.close()


def address(note: SessionNote) -> str:
    return reverse("counseling:note_edit", args=[note.client_id, note.pk])


def plan_of(note: SessionNote) -> str:
    return SessionNote.objects.get(pk=note.pk).sections.get("plan", "")


def saved(page: Page, version: int) -> None:
    """The server has answered with this version: the words before it are in the database."""
    expect(page.locator("[data-autosave] [name=version]")).to_have_value(str(version))


def test_two_browsers_on_one_draft_get_a_clear_choice_and_both_texts_stand(
    someone: Callable[[StaffMember, str], Page], live_server: Any, counselor: StaffMember, draft: SessionNote
) -> None:
    desk, laptop = (someone(counselor, live_server.url) for _ in range(2))
    for page in (desk, laptop):
        page.goto(address(draft))
    desk.get_by_label("Plan", exact=True).fill("Written at the desk.")
    saved(desk, 2)
    laptop.get_by_label("Plan", exact=True).fill("Written on the laptop.")
    laptop.get_by_label("Subjective", exact=True).fill("Slept badly.")
    compare = laptop.get_by_role("button", name="Compare versions")
    expect(compare).to_be_visible()
    assert plan_of(draft) == "Written at the desk."
    compare.click()
    for heading in ("Other window", "This window"):
        expect(laptop.get_by_role("heading", name=heading).first).to_be_visible()
    for words in ("Written at the desk.", "Written on the laptop."):
        expect(laptop.locator(".note-conflict__text").get_by_text(words)).to_be_visible()
    assert accessibility_faults(laptop) == []
    laptop.get_by_role("button", name="Save this version").click()
    expect(laptop.get_by_text(EARLIER)).to_be_visible()
    stored = SessionNote.objects.get(pk=draft.pk)
    assert (stored.sections["plan"], stored.sections["subjective"]) == ("Written on the laptop.", "Slept badly.")
    assert "Written at the desk." in {text.sections.get("plan") for text in draft.set_aside.all()}
    desk.get_by_label("Plan", exact=True).fill("Written at the desk, later.")
    expect(desk.get_by_role("button", name="Compare versions")).to_be_visible()
    assert plan_of(draft) == "Written on the laptop."


def test_a_killed_web_server_loses_nothing_of_what_is_being_typed(
    someone: Callable[[StaffMember, str], Page], web: WebServer, counselor: StaffMember, draft: SessionNote
) -> None:
    page = someone(counselor, web.url)
    page.goto(address(draft))
    plan = page.get_by_label("Plan", exact=True)
    plan.fill("Saved before. ")  # at once: with pauses between the keys it would be saved more than once
    saved(page, 2)
    assert plan_of(draft) == "Saved before. "
    plan.press_sequentially("Typed while the server ")
    web.kill()
    plan.press_sequentially("was dead.")
    expect(page.get_by_role("alert")).to_contain_text("Your writing is still here")
    expect(plan).to_have_value("Saved before. Typed while the server was dead.")
    assert plan_of(draft).startswith("Saved before. ")
    web.start()
    expect(page.get_by_role("alert")).to_be_hidden(timeout=30_000)
    assert plan_of(draft) == "Saved before. Typed while the server was dead."
    page.reload()
    expect(page.get_by_label("Plan", exact=True)).to_have_value("Saved before. Typed while the server was dead.")
    assert not draft.set_aside.exists()


def test_a_server_that_dies_between_saving_and_answering_is_no_conflict(
    someone: Callable[[StaffMember, str], Page], live_server: Any, counselor: StaffMember, draft: SessionNote
) -> None:
    page = someone(counselor, live_server.url)
    page.goto(address(draft))
    lost: list[int] = []

    def save_and_lose_the_answer(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**" + address(draft), save_and_lose_the_answer)
    page.get_by_label("Plan", exact=True).fill("Said once.")
    expect(page.get_by_role("alert")).to_contain_text("Your writing is still here")
    assert (lost, plan_of(draft)) == ([200], "Said once.")
    expect(page.get_by_role("alert")).to_be_hidden()
    saved(page, 2)
    page.get_by_label("Plan", exact=True).fill("Said once, and gone on with.")
    wait_until(page, lambda: plan_of(draft) == "Said once, and gone on with.")


def test_a_sentence_is_linked_and_the_cursor_is_back_in_the_text(
    someone: Callable[[StaffMember, str], Page], live_server: Any, counselor: StaffMember, draft: SessionNote
) -> None:
    page = someone(counselor, live_server.url)
    page.goto(address(draft))
    text = page.get_by_label("Subjective", exact=True)
    text.fill("Slept badly. Argued with his brother about money. Tired.")
    text.evaluate("area => area.setSelectionRange(20, 20)")
    page.keyboard.press("Tab")  # no mouse is needed
    expect(page.get_by_role("button", name="Link this sentence in Subjective")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Sentence")).to_have_value("Argued with his brother about money.")
    expect(page.get_by_label("Link to")).to_be_focused()
    page.get_by_label("Link to").select_option("trigger:")
    new = page.get_by_label("If new, in the client’s words")
    new.press("Enter")  # too early: it says why, and saves or loses nothing
    expect(page.get_by_text("Choose what came up")).to_be_visible()
    expect(page.get_by_label("Sentence")).to_have_value("Argued with his brother about money.")
    page.get_by_label("If new, in the client’s words").fill("Money")
    page.get_by_label("If new, in the client’s words").press("Enter")
    expect(text).to_be_focused()
    expect(page.locator(".note-mention__list")).to_contain_text("Money")
    expect(text).to_have_js_property("selectionStart", 20)
    assert accessibility_faults(page) == []
    mention = draft.mentions.get()
    assert (str(mention.trigger), mention.quote) == ("Money", "Argued with his brother about money.")


def test_a_server_with_a_fault_is_not_called_a_lost_connection(
    someone: Callable[[StaffMember, str], Page], live_server: Any, counselor: StaffMember, draft: SessionNote
) -> None:
    page = someone(counselor, live_server.url)
    page.goto(address(draft))
    faults: list[int] = []

    def answer_with_a_fault(route: Route) -> None:
        if route.request.method != "POST" or faults:
            route.continue_()
            return
        faults.append(500)
        route.fulfill(status=500, body="")

    page.route("**" + address(draft), answer_with_a_fault)
    page.get_by_label("Plan", exact=True).fill("Call on Friday.")
    expect(page.get_by_role("alert")).to_contain_text("isn’t responding correctly")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert plan_of(draft) == "Call on Friday."
