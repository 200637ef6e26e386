"""The head of a chart is the same on every page: the one owner of its flags is cases/panels/chart_head.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from cases import safety
from cases.models import Client
from cases.panels import chart_head
from cases.recovery import relapses
from counseling import measures
from demo.examples import examples, opened_pages
from staff.models import Clinic, Role, StaffMember
from tests.house.sources import ROOT

pytestmark = pytest.mark.django_db

TEMPLATES = ROOT / "templates"
HIGH = {"1": 1, "2": 1, "3": 0, "4": 1, "5": 0, "6": 0}
FLAGS = re.compile(r'<div class="ow-flags">(.*?)</div>', re.DOTALL)
# Shown after two windows saved one text, or in place of another page; they extend the same head as all others do.
IN_BETWEEN = {
    "counseling/carry_over/carry_over_none.html",
    "counseling/notes/note_conflict.html",
    "counseling/plans/safety_plan_none.html",
    "counseling/sud_counseling_notes/conflict.html",
    "counseling/sud_counseling_notes/edit.html",
    "counseling/sud_counseling_notes/ended.html",
    "staff/styleguide/chart.html",
}


def head(page: Any) -> list[str]:
    """The flags of a page, in words; it must have a place for them."""
    [found] = FLAGS.findall(page.content.decode())
    return [word for word in re.sub(r"<[^>]*>|\s+", " ", found).split("  ") if word.strip()]


@cache
def extending() -> set[str]:
    return {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if '{% extends "layout/chart.html" %}' in path.read_text()
    }


def test_no_page_fills_the_flags_itself() -> None:
    for name in extending():
        assert "block flags" not in (TEMPLATES / name).read_text(), name


def test_on_every_page_of_a_chart_the_head_is_the_same(
    db: None, make_demo: Callable[[int], Clinic], signed_in: Any
) -> None:
    """Walks all pages of the product; a template of a chart that it does not meet must be named above."""
    clinic = make_demo(12)
    rows = examples(clinic)
    client: Client = rows["client_id"]
    by = StaffMember.objects.get(email="supervisor@demo.example")
    measures.record(client=client, instrument="c-ssrs", answers=HIGH, by=by)
    expected: dict[tuple[int, str], list[str]] = {}
    met: set[str] = set()
    signed_note = reverse("counseling:note_edit", args=[client.pk, rows["signed_note"].pk])
    for url, reader, page in [*opened_pages(clinic, rows), (signed_note, by, signed_in(by).get(signed_note))]:
        used = {template.name for template in page.templates} & extending()
        if not used or "styleguide" in url:
            continue
        met |= used
        about = page.context["client"].pk
        flags = head(page)
        assert flags == expected.setdefault((about, reader.role), flags), f"{url} shows {flags}"
    assert met | IN_BETWEEN >= extending(), f"never met: {sorted(extending() - met)}"
    seen = expected[client.pk, Role.SUPERVISOR]
    assert [flag.strip() for flag in seen] == ["Safety concern: evaluate now", "Reduced opioid tolerance"]


def test_only_who_may_know_sees_it(
    client_record: Client, counselor: StaffMember, intake: StaffMember, medical: StaffMember, signed_in: Any
) -> None:
    measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)
    url = reverse("cases:client_edit", args=[client_record.pk])
    assert head(signed_in(counselor).get(url)) != []
    overview = reverse("desk:chart", args=[client_record.pk])
    assert head(signed_in(medical).get(overview)) != []
    for page in (url, overview):
        answer = signed_in(intake).get(page)
        assert head(answer) == [" Get a clinician now"]
        assert "Safety concern" not in answer.content.decode()
        assert "C-SSRS" not in answer.content.decode()


def test_the_flags_in_their_order(client_record: Client, counselor: StaffMember) -> None:
    def texts() -> list[str]:
        found = chart_head.flags(client=client_record, staff_member=counselor, now=timezone.now())
        return [flag.text for flag in found]

    today = timezone.localdate(timezone=client_record.clinic.zone)
    assert texts() == []
    relapses.record(client=client_record, started_on=today, substances=["fentanyl"], by=counselor)
    assert texts() == ["Reduced opioid tolerance", "Currently using"]
    measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)
    assert texts()[0] == "Safety concern: evaluate now"
    safety.evaluate(client=client_record, found="No plan now.", done="Plan written.", next_check_on=today, by=counselor)
    assert texts() == ["Reduced opioid tolerance", "Currently using"]


def test_the_head_costs_the_same_whatever_the_history(
    client_record: Client, counselor: StaffMember, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        measures.record(client=client_record, instrument="c-ssrs", answers=HIGH, by=counselor)
        safety.evaluate(
            client=client_record, found="A.", done="B.", next_check_on=None, no_check_because="Done", by=counselor
        )
    with django_assert_max_num_queries(4):
        chart_head.flags(client=client_record, staff_member=counselor, now=timezone.now())
