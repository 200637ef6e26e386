"""In a real browser: the tablet is handed over, and whoever holds it comes to nothing else, whatever they press."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cases.models import Client
from counseling import notes
from counseling.models import Handover, Measure, SessionNote
from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults, content_of, go_back, go_forward, show, wait_until
from tests.browser.test_unsaved_words import sign_in, wait_for_copies

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "sample-password-1"
NAME = "Samplewood"


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )


@pytest.fixture
def client(counselor: StaffMember) -> Client:
    return factories.ClientFactory(
        clinic=counselor.clinic, counselor=counselor, given_name="Rosalind", family_name=NAME
    )


@pytest.fixture
def draft(counselor: StaffMember, client: Client) -> SessionNote:
    program = factories.ProgramFactory(clinic=counselor.clinic, name="Outpatient")
    begun = timezone.now() - datetime.timedelta(hours=2)
    return notes.start(
        client=client,
        episode=factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=counselor),
        by=counselor,
        session_started_at=begun,
        session_ended_at=begun + datetime.timedelta(minutes=50),
        sections={"plan": "Call her sister on Friday."},
    )


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


def hand_over(page: Page, client: Client, *instruments: str) -> None:
    page.goto(reverse("counseling:measures", args=[client.pk]))
    page.get_by_role("link", name="Hand over the tablet").click()
    for each in instruments or ("PHQ-9",):
        page.get_by_label(each).check()
    page.get_by_role("button", name="Hand over the tablet").click()
    expect(page.get_by_role("link", name="Start")).to_be_visible()


def choose(page: Page, choice: str) -> None:
    page.get_by_label(choice, exact=True).check()
    with page.expect_navigation():  # the next question has the same choices: it is not the old one that gets the next
        page.locator("button.tablet-button").click()


def is_the_tablet(page: Page) -> None:
    """The page is the tablet's, and nothing of the client or the clinic stands in it, seen or unseen."""
    expect(page).to_have_title("Questions")
    expect(page).to_have_url(re.compile("/tablet/"))
    source = content_of(page)
    for word in (NAME, "Rosalind", "Example Clinic", "sister", "Onward"):
        assert word not in source, word


def remembers(page: Page, things: int) -> None:
    """So much is in this window's own storage, once the page's scripts have run."""
    page.wait_for_function("things => sessionStorage.length === things", arg=things)


def take_back(page: Page, person: StaffMember) -> None:
    page.get_by_role("button", name="Staff").click()
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_whole_way_from_the_counselor_to_the_client_and_back(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client
) -> None:
    page = machine(counselor).new_page()
    hand_over(page, client, "PHQ-9", "GAD-7")
    is_the_tablet(page)
    page.get_by_role("link", name="Start").click()
    for number in range(1, 17):
        expect(page.get_by_text(f"Question {number} of 16")).to_be_visible()
        is_the_tablet(page)
        choose(page, "Several days" if number != 9 else "More than half the days")
    expect(page.get_by_role("heading", name="Your answers")).to_be_visible()
    page.get_by_role("link", name="Change").nth(8).click()
    choose(page, "Several days")
    page.get_by_role("button", name="I’m done").click()
    expect(page.get_by_text("Please hand the tablet back.")).to_be_visible()
    expect(page.get_by_text("988")).to_be_visible()
    is_the_tablet(page)
    assert sorted(Measure.objects.values_list("instrument", "total")) == [("gad-7", 7), ("phq-9", 9)]
    take_back(page, counselor)
    expect(page.get_by_role("heading", name="Measures", exact=True)).to_be_visible()
    expect(page.get_by_text("Completed by client on tablet")).to_have_count(2)
    expect(page.get_by_text("C-SSRS screener needed before the session ends")).to_be_visible()


def test_by_keyboard_alone(machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client) -> None:
    page = machine(counselor).new_page()
    hand_over(page, client, "GAD-7")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for number in range(1, 8):
        expect(page.get_by_text(f"Question {number} of 7")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your answers")).to_be_visible()
    assert Handover.objects.get().parts.get().answers == {str(number): 1 for number in range(1, 8)}


def test_back_forward_reload_and_typed_addresses_come_to_nothing_else(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client, draft: SessionNote
) -> None:
    page = machine(counselor).new_page()
    for name in ("desk:today", "cases:clients"):
        page.goto(reverse(name))
    page.goto(reverse("desk:chart", args=[client.pk]))
    page.goto(reverse("counseling:note_edit", args=[client.pk, draft.pk]))
    expect(page.get_by_label("Plan", exact=True)).to_have_value("Call her sister on Friday.")
    hand_over(page, client)
    page.get_by_role("link", name="Start").click()
    choose(page, "Several days")
    expect(page.get_by_text("Question 2 of 9")).to_be_visible()
    for _ in range(8):
        go_back(page)
        if page.url == "about:blank":
            break
        is_the_tablet(page)
    for _ in range(8):
        if go_forward(page) is None:
            break
        is_the_tablet(page)
    page.reload()
    is_the_tablet(page)
    for path in (
        "/",
        reverse("desk:chart", args=[client.pk]),
        reverse("account_login"),
        reverse("admin:index"),
        "/health/",
        "/tablet/nowhere/",
    ):
        page.goto(path)
        is_the_tablet(page)
    go_back(page)
    is_the_tablet(page)


def test_windows_opened_before_show_nothing_and_do_nothing_and_lose_nothing(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client, draft: SessionNote
) -> None:
    context = machine(counselor)
    writing, chart, sheet, page = (context.new_page() for _ in range(4))
    for window in (writing, chart, sheet):
        window.goto(reverse("cases:clients"))
    chart.goto(reverse("desk:chart", args=[client.pk]))
    sheet.goto(reverse("counseling:safety_plan", args=[client.pk]))
    writing.goto(reverse("counseling:note_edit", args=[client.pk, draft.pk]))
    page.goto(reverse("counseling:hand_over", args=[client.pk]))
    page.get_by_label("PHQ-9").check()
    context.route(  # her connection is gone just while she types the last words
        "**" + reverse("counseling:note_edit", args=[client.pk, draft.pk]),
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    writing.get_by_label("Plan", exact=True).fill("Call her sister on Friday, and her brother.")
    expect(writing.get_by_role("alert")).to_contain_text("Your writing is still here")
    context.unroute_all()
    page.bring_to_front()
    page.get_by_role("button", name="Hand over the tablet").click()
    expect(page.get_by_role("link", name="Start")).to_be_visible()
    for window in (writing, chart, sheet):
        window.wait_for_url("**/tablet/")
        is_the_tablet(window)
        go_back(window)
        is_the_tablet(window)
    assert SessionNote.objects.get().sections == {"plan": "Call her sister on Friday."}
    [(_, noise)] = wait_for_copies(page, 1)
    assert b"brother" not in noise
    take_back(page, counselor)
    expect(page.get_by_role("heading", name="Measures", exact=True)).to_be_visible()
    page.goto(reverse("counseling:note_edit", args=[client.pk, draft.pk]))
    expect(page.get_by_text("Unsaved writing on this computer")).to_be_visible()


def test_a_window_that_did_not_hear_of_it_can_do_nothing(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client, draft: SessionNote
) -> None:
    """Without storage no window hears of another. What it then asks for is answered with nothing."""
    context = machine(counselor)
    context.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error(); } });")
    writing, page = context.new_page(), context.new_page()
    address = reverse("counseling:note_edit", args=[client.pk, draft.pk])
    writing.goto(address)
    hand_over(page, client)
    answers: list[tuple[str, int]] = []
    writing.on("response", lambda answer: answers.append((answer.request.method, answer.status)))
    writing.get_by_label("Plan", exact=True).fill("Typed by whoever holds the tablet.")
    expect(writing.get_by_role("alert")).to_contain_text("you are signed out")
    wait_until(writing, lambda: ("POST", 303) in answers)
    assert SessionNote.objects.get().sections == {"plan": "Call her sister on Friday."}
    # a part of the page asked for by a script: the whole window goes to the tablet
    writing.evaluate("window.onbeforeunload = null")
    writing.on("dialog", lambda dialog: dialog.accept())
    writing.get_by_label("Search earlier notes").fill("sister")
    writing.wait_for_url("**/tablet/")
    is_the_tablet(writing)


def test_the_old_session_is_dead_wherever_its_key_went(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client
) -> None:
    context = machine(counselor)
    copied = next(cookie for cookie in context.cookies() if cookie["name"] == "sessionid")
    page = context.new_page()
    hand_over(page, client)
    thief = machine(None)
    thief.add_cookies([{"name": "sessionid", "value": copied["value"], "url": page.url}])
    elsewhere = thief.new_page()
    elsewhere.goto(reverse("counseling:measures", args=[client.pk]))
    expect(elsewhere).to_have_url(re.compile("/account/login/"))


def test_it_closes_by_itself_while_nobody_touches_it(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client
) -> None:
    start = timezone.now()
    page = machine(counselor).new_page()
    hand_over(page, client)
    page.get_by_role("link", name="Start").click()
    choose(page, "Several days")
    expect(page.get_by_text("Question 2 of 9")).to_be_visible()
    with time_machine.travel(start + datetime.timedelta(minutes=7, seconds=58), tick=True):
        page.reload()
        expect(page.get_by_role("heading", name="Are you still there?")).to_be_visible()
        page.get_by_role("button", name="I need more time").click()
        expect(page.get_by_text("Question 2 of 9")).to_be_visible()
    closes = Handover.objects.get().closes_at
    with time_machine.travel(closes - datetime.timedelta(seconds=3), tick=True):
        page.reload()
        expect(page.get_by_text("close in less than 2 minutes")).to_be_visible()
        expect(page.get_by_text("These questions have closed.")).to_be_visible()
        is_the_tablet(page)
        assert Handover.objects.get().ended_how == "timed_out"
        assert Measure.objects.get().answers == {"1": 1}


def test_under_somebody_who_is_thinking_the_question_comes_back_with_their_choice(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client
) -> None:
    start = timezone.now()
    page = machine(counselor).new_page()
    hand_over(page, client)
    page.get_by_role("link", name="Start").click()
    choose(page, "Several days")
    expect(page.get_by_text("Question 2 of 9")).to_be_visible()
    with time_machine.travel(start + datetime.timedelta(minutes=7, seconds=56), tick=True):
        page.goto("/tablet/1/")  # an answer that was given already, and is thought over
        page.get_by_label("Nearly every day", exact=True).check()
        expect(page.get_by_role("heading", name="Are you still there?")).to_be_visible()
        page.get_by_role("button", name="I need more time").click()
        expect(page.get_by_text("Question 1 of 9")).to_be_visible()
        expect(page.get_by_label("Nearly every day", exact=True)).to_be_checked()
        page.locator("button.tablet-button").click()
        expect(page.get_by_text("Question 2 of 9")).to_be_visible()
        remembers(page, 0)  # the choice was sent, and the counselor's page is forgotten
        page.get_by_label("Several days", exact=True).check()
        remembers(page, 1)
        page.goto("/tablet/look-over/")
        remembers(page, 0)  # left behind on purpose, and not kept
    assert Handover.objects.get().parts.get().answers == {"1": 3}


def test_without_scripts(machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client) -> None:
    page = machine(counselor, java_script_enabled=False).new_page()
    page.goto(reverse("desk:chart", args=[client.pk]))
    hand_over(page, client)
    page.get_by_role("link", name="Start").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose an answer")
    for _ in range(9):
        choose(page, "I’d rather not answer")
    expect(page.get_by_role("button", name="I’m done")).to_be_visible()  # nothing goes back while a page is under way
    go_back(page)
    go_forward(page)
    page.get_by_role("button", name="I’m done").click()
    expect(page.get_by_text("Please hand the tablet back.")).to_be_visible()
    page.goto(reverse("desk:chart", args=[client.pk]))
    is_the_tablet(page)
    take_back(page, counselor)
    expect(page.get_by_role("heading", name="Measures", exact=True)).to_be_visible()
    assert not Measure.objects.exists()


def test_who_presses_staff_sees_a_sign_in_page_and_the_way_back(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client
) -> None:
    page = machine(counselor).new_page()
    hand_over(page, client)
    page.get_by_role("link", name="Start").click()
    choose(page, "Several days")
    page.get_by_role("button", name="Staff").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert NAME not in content_of(page)
    assert accessibility_faults(page) == []
    page.goto("/")
    is_the_tablet(page)
    page.get_by_role("button", name="Staff").click()
    page.get_by_role("link", name="Back to the questions").click()
    expect(page.get_by_text("Question 2 of 9")).to_be_visible()
    stranger = factories.StaffMemberFactory(clinic=counselor.clinic, role=Role.COUNSELOR)
    take_back(page, stranger)
    expect(page.get_by_text("This account can’t open this client’s record.")).to_be_visible()
    page.goto("/")
    is_the_tablet(page)
    assert Handover.objects.get().ended_at is None


def test_it_is_taken_back_with_a_passkey(
    with_key: Callable[[StaffMember], Page], counselor: StaffMember, client: Client
) -> None:
    page = with_key(counselor)
    hand_over(page, client)
    page.get_by_role("link", name="Start").click()
    choose(page, "Several days")
    page.get_by_role("button", name="Staff").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Measures", exact=True)).to_be_visible()
    ended = Handover.objects.get()
    assert (ended.ended_how, ended.ended_by) == ("taken_back", counselor)
    assert Measure.objects.get().answers == {"1": 1}


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_every_page_of_it_at_every_width(
    machine: Callable[..., BrowserContext], counselor: StaffMember, client: Client, width: int
) -> None:
    page = machine(counselor, viewport={"width": width, "height": 844}).new_page()
    seen: list[str] = []

    def in_light_and_dark(name: str) -> Iterator[str]:
        for scheme in ("light", "dark"):
            show(page, width, scheme)
            assert accessibility_faults(page) == [], f"{name}, {scheme}"
            yield f"{name}, {scheme}"

    def look(name: str) -> None:
        seen.append(name)
        for each in in_light_and_dark(name):
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), each
            small = page.eval_on_selector_all(
                ".tablet a, .tablet button, .tablet-choice",
                "all => all.map(e => [e.textContent, e.getBoundingClientRect()])"
                ".filter(([, b]) => b.height < 44 || b.width < 44).map(([words]) => words)",
            )
            assert small == [], f"{each}: too small to hit: {small}"

    page.goto(reverse("counseling:hand_over", args=[client.pk]))
    page.get_by_role("button", name="Hand over the tablet").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one measure")
    assert len(list(in_light_and_dark("hand over"))) == 2
    hand_over(page, client, "PHQ-9", "GAD-7")
    look("begin")
    page.get_by_role("link", name="Start").click()
    expect(page.get_by_text("Question 1 of 16")).to_be_visible()
    look("question")
    page.locator("button.tablet-button").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose an answer")
    look("fault")
    for number in range(1, 11):
        choose(page, "Several days" if number % 4 else "I’d rather not answer")
    page.get_by_role("link", name="Stop and check my answers").click()
    expect(page.get_by_role("heading", name="Your answers")).to_be_visible()
    look("look over")
    page.goto("/tablet/still-there/")
    look("still there")
    page.goto("/tablet/look-over/")
    page.get_by_role("button", name="I’m done").click()
    expect(page.get_by_text("Please hand the tablet back.")).to_be_visible()
    look("ended")
    assert len(seen) == 6
