"""In a real browser: a client draws their name under a plan, or types it where there is only a keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from counseling import plans
from counseling.models import PlanSignature, TreatmentPlan
from staff.models import Role, StaffMember
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plan(transactional_db: None) -> TreatmentPlan:
    clinic = factories.ClinicFactory(name="Example Clinic")
    counselor = factories.StaffMemberFactory(clinic=clinic, role=Role.COUNSELOR)
    client = factories.ClientFactory(clinic=clinic, counselor=counselor)
    episode = factories.TreatmentEpisodeFactory(
        client=client, program=factories.ProgramFactory(clinic=clinic), admitted_by=counselor
    )
    plan = plans.start(episode=episode, by=counselor, needs="Sleep")
    plans.add_goal(episode=episode, wording="Sleep six hours", need="Sleep", by=counselor)
    return plan


def open_page(page: Page, plan: TreatmentPlan, enter: Callable[[StaffMember], None]) -> None:
    enter(plan.started_by)
    page.goto(reverse("counseling:plan_sign", args=[plan.client_id]))


def draw(page: Page) -> None:
    box = page.locator("[data-signature] svg").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(box["x"] + 40 + step * 10, box["y"] + 60 + (step % 3) * 20)
    page.mouse.up()


def test_a_name_is_drawn_cleared_and_drawn_again(
    quiet_page: Page, plan: TreatmentPlan, enter: Callable[[StaffMember], None]
) -> None:
    open_page(quiet_page, plan, enter)
    draw(quiet_page)
    field = quiet_page.locator("[data-signature-field]")
    expect(field).not_to_have_value("")
    quiet_page.get_by_role("button", name="Clear").click()
    expect(field).to_have_value("")
    draw(quiet_page)
    quiet_page.get_by_role("button", name="Sign as the client").click()
    expect(quiet_page.get_by_role("img", name="Signature, drawn on")).to_be_visible()
    signature = PlanSignature.objects.get()
    assert signature.typed_name == ""
    assert len(signature.strokes[0]) > 20
    assert all(0 <= x <= 600 and 0 <= y <= 200 for x, y in signature.strokes[0])


def test_a_name_is_typed_by_keyboard_alone(
    quiet_page: Page, plan: TreatmentPlan, enter: Callable[[StaffMember], None]
) -> None:
    open_page(quiet_page, plan, enter)
    quiet_page.get_by_label("Or type the full name").focus()
    quiet_page.keyboard.type("Test Person")
    quiet_page.keyboard.press("Enter")
    expect(quiet_page.get_by_text("Signed.", exact=True)).to_be_visible()
    assert PlanSignature.objects.get().typed_name == "Test Person"
