"""In a real browser: the safety plan is one sheet of paper, however much of what the form takes is in it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pypdf import PdfReader

from cases.models import TreatmentEpisode
from counseling import plans
from counseling.forms.notes.notes import STEP_CHARACTERS, STEP_LINES, SafetyPlanForm
from counseling.models import SafetyPlan
from staff.models import Role, StaffMember
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = plans.text_fields(SafetyPlan)
SENTENCE = "When nobody has written by the evening I begin to walk up and down the stairs again "


@pytest.fixture
def counselor(transactional_db: None) -> StaffMember:
    return factories.StaffMemberFactory(
        clinic=factories.ClinicFactory(name="Example Clinic"), role=Role.COUNSELOR, credential="LCDC"
    )


@pytest.fixture
def episode(counselor: StaffMember) -> TreatmentEpisode:
    client = factories.ClientFactory(clinic=counselor.clinic, counselor=counselor)
    return factories.TreatmentEpisodeFactory(
        client=client, program=factories.ProgramFactory(clinic=counselor.clinic), admitted_by=counselor
    )


def step(name: str, lines: int, width: int) -> str:
    """So many lines of that width, the last of which can be told from all others."""
    text = "\n".join((SENTENCE * 12)[: width - 1] for _ in range(lines))
    return f"{text[: -len(name) - 1]} {name}"


@pytest.mark.parametrize(
    ("lines", "width"),
    [(1, 20), (2, 70), (3, 70), (4, 70), (5, 76), (6, 60), (7, 76), (8, 76), (10, 80), (1, 800), (2, 400)],
)
def test_a_plan_of_any_length_is_one_page(
    lines: int,
    width: int,
    quiet_page: Page,
    enter: Callable[[StaffMember], None],
    counselor: StaffMember,
    episode: TreatmentEpisode,
) -> None:
    steps = {name: step(name, lines, width) for name in STEPS}
    assert SafetyPlanForm(steps).is_valid()
    assert lines <= STEP_LINES
    assert lines * width <= STEP_CHARACTERS
    plans.write_safety_plan(episode=episode, by=counselor, **steps)
    enter(counselor)
    for copy in ("", "?for=client"):
        quiet_page.goto(reverse("counseling:safety_plan", args=[episode.client_id]) + copy)
        for paper in ("Letter", "A4"):
            sheets = PdfReader(io.BytesIO(quiet_page.pdf(format=paper)))
            assert len(sheets.pages) == 1, (paper, copy)
            said = sheets.pages[0].extract_text()
            assert all(name in said for name in STEPS)
            assert "988" in said
