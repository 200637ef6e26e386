"""In a real browser: a carry-over board of forty things of every kind is gone through without touching the mouse."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as DjangoClient
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, Request, Route, expect

from cases.models import CopingStrategy, TreatmentEpisode, Trigger, WarningSign
from counseling import carry_over, plans
from counseling.carry_over.board_lines import anchor
from counseling.models import CarryOverItem, Goal
from staff.models import Role, StaffMember
from tests import factories
from tests.browser.conftest import accessibility_faults, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
VERDICTS = ["held", "did_not_hold", "never_used", "no_longer_true"]


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )


@pytest.fixture
def readmitted(counselor: StaffMember) -> TreatmentEpisode:
    """Back in care, with forty things known: two plans, eight triggers, eight signs, twelve strategies, ten goals."""
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    program = factories.ProgramFactory(clinic=counselor.clinic, name="Outpatient")
    first = factories.TreatmentEpisodeFactory(client=client, program=program, admitted_by=counselor)
    for model, count, more in ((Trigger, 8, {}), (WarningSign, 8, {"category": "body"}), (CopingStrategy, 12, {})):
        for number in range(count):
            model.objects.create(
                client=client,
                wording=f"{model._meta.verbose_name} {number:02}",
                first_seen_on=first.admitted_on,
                first_seen_in=first,
                recorded_by=counselor,
                recorded_at=timezone.now(),
                **more,
            )
    for number in range(10):
        plans.add_goal(episode=first, wording=f"Goal {number:02}", by=counselor)
    plans.write_safety_plan(episode=first, by=counselor, people_to_ask="My sister")
    plans.write_discharge_plan(episode=first, by=counselor, if_use_returns="Call the same day")
    TreatmentEpisode.objects.filter(pk=first.pk).update(discharged_on=first.admitted_on, discharge_reason="completed")
    second = factories.TreatmentEpisodeFactory(
        client=client,
        program=program,
        admitted_by=counselor,
        admitted_on=datetime.date(2026, 4, 20),
        prior_episode=first,
    )
    assert len(carry_over.lay_out(second)) == 40
    return second


def test_a_board_of_forty_is_done_by_keyboard_alone(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, readmitted: TreatmentEpisode
) -> None:
    page, keys = quiet_page, quiet_page.keyboard
    page.add_init_script("addEventListener('pointerdown', () => { throw new Error('the mouse was used'); }, true)")
    enter(counselor)
    page.goto(reverse("counseling:carry_over", args=[readmitted.client_id, readmitted.pk]))
    assert accessibility_faults(page) == []
    progress = page.locator("#carry-progress")
    keys.press("ArrowDown")
    for number in range(40):
        keys.press(str(number % 4 + 1))
        expect(progress).to_contain_text(f"{number + 1} of 40")
    expect(progress).to_contain_text("All reviewed")
    found = CarryOverItem.objects.filter(episode=readmitted)
    assert Counter(found.values_list("verdict", flat=True)) == dict.fromkeys(VERDICTS, 10)
    held = found.filter(kind="goal", verdict="held").count()
    assert held
    assert Goal.objects.filter(episode=readmitted, status="active").count() == held
    assert accessibility_faults(page) == []


def test_whoever_types_fast_need_not_wait_for_the_answers(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, readmitted: TreatmentEpisode
) -> None:
    page, keys = quiet_page, quiet_page.keyboard
    enter(counselor)
    page.goto(reverse("counseling:carry_over", args=[readmitted.client_id, readmitted.pk]))
    order = page.locator("[data-line]").evaluate_all("lines => lines.map(line => line.id)")
    held: list[Route] = []  # the clinic answers nothing until all is typed
    page.route("**/decide/", lambda route: route.continue_() if held else held.append(route))
    keys.press("ArrowDown")
    for number in range(40):
        keys.press(str(number % 4 + 1))
    wait_until(page, lambda: held)
    expect(page.locator("[data-line].is-decided")).to_have_count(0)
    held[0].continue_()
    expect(page.locator("#carry-progress")).to_contain_text("All reviewed", timeout=60_000)
    found = {anchor(item.token): item.verdict for item in CarryOverItem.objects.filter(episode=readmitted)}
    assert [found[line] for line in order] == VERDICTS * 10


def test_a_verdict_is_changed_and_a_word_of_the_client_added_by_keyboard(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, readmitted: TreatmentEpisode
) -> None:
    page, keys = quiet_page, quiet_page.keyboard
    enter(counselor)
    page.goto(reverse("counseling:carry_over", args=[readmitted.client_id, readmitted.pk]))
    keys.press("ArrowDown")
    first = page.evaluate("document.activeElement.id")
    keys.press("1")
    expect(page.locator("#carry-progress")).to_contain_text("1 of 40")
    keys.press("ArrowUp")
    expect(page.locator(f"#{first}")).to_be_focused()
    for _ in range(12):
        keys.press("Tab")
        if page.evaluate("document.activeElement.name") == "note":
            break
    keys.type("3 friends less")  # a digit in a sentence is no verdict
    expect(page.locator("#carry-progress")).to_contain_text("1 of 40")
    keys.press("Shift+Tab")
    keys.press("Enter")  # the verdict beside the field, with the words
    other = page.locator(f"#{first} .carry-verdict__buttons button[value=no_longer_true]")
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(other).to_be_focused()
    item = CarryOverItem.objects.get(episode=readmitted, decided_at__isnull=False)
    assert (item.verdict, item.note) == ("no_longer_true", "3 friends less")


def test_enter_in_the_clients_words_never_decides_anything_by_itself(
    quiet_page: Page, enter: Callable[[StaffMember], None], counselor: StaffMember, readmitted: TreatmentEpisode
) -> None:
    """A form's first button would be “held”, and a goal would enter the plan because somebody ended a sentence."""
    page, keys = quiet_page, quiet_page.keyboard
    enter(counselor)
    page.goto(reverse("counseling:carry_over", args=[readmitted.client_id, readmitted.pk]))
    line = page.locator("[data-line]", has_text="Goal 00")
    line.focus()
    keys.press("n")
    keys.type("Not like that")
    keys.press("Enter")
    expect(line).to_be_focused()
    assert not CarryOverItem.objects.filter(decided_at__isnull=False).exists()
    keys.press("2")
    expect(page.locator("#carry-progress")).to_contain_text("1 of 40")
    item = CarryOverItem.objects.get(decided_at__isnull=False)
    assert (item.verdict, item.note) == ("did_not_hold", "Not like that")
    line.focus()
    keys.press("n")
    keys.press("End")
    keys.type(", but near")
    with page.expect_response("**/decide/"):
        keys.press("Enter")  # decided already: the words go to the verdict that stands
    expect(line.get_by_label("What the client said")).to_have_value("Not like that, but near")
    expect(line.locator("[aria-pressed=true]")).to_have_text("Needs a new goal")
    item.refresh_from_db()
    assert (item.verdict, item.note) == ("did_not_hold", "Not like that, but near")
    assert not Goal.objects.filter(episode=readmitted).exists()


def test_without_scripts_enter_in_the_clients_words_decides_nothing_either(
    browser: Browser, live_server: Any, counselor: StaffMember, readmitted: TreatmentEpisode
) -> None:
    signed_in = DjangoClient()
    signed_in.force_login(counselor, backend="django.contrib.auth.backends.ModelBackend")
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    cookie = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.method == "POST" else None)
    page.goto(reverse("counseling:carry_over", args=[readmitted.client_id, readmitted.pk]))
    line = page.locator("[data-line]", has_text="Goal 00")
    line.get_by_label("What the client said").fill("Not like that")
    line.get_by_label("What the client said").press("Enter")
    line.get_by_role("button", name="Needs a new goal").click()
    expect(page.locator("[data-line]", has_text="Goal 00").locator("[aria-pressed=true]")).to_have_text(
        "Needs a new goal"
    )
    assert len(asked) == 1, "the button asked the clinic for something, and Enter for nothing"
    line = page.locator("[data-line]", has_text="Goal 00")
    line.get_by_label("What the client said").fill("Near, but not that")
    line.get_by_label("What the client said").press("Enter")
    expect(page.locator("[data-line]", has_text="Goal 00").get_by_label("What the client said")).to_have_value(
        "Near, but not that"
    )
    item = CarryOverItem.objects.get(decided_at__isnull=False)
    assert (item.verdict, item.note) == ("did_not_hold", "Near, but not that")
    context.close()
