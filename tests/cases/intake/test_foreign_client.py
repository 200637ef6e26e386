"""Whoever took a call sees the call. Whose chart it was linked to, they learn only if they may see that chart."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from appointments import booking
from cases.intake import inquiries
from cases.models import Client, Inquiry
from demo.addresses import OURS
from staff.access import ROLES
from staff.models import StaffMember
from tests import factories
from tests.reading import as_read


def pages(role: str, inquiry: Inquiry) -> list[str]:
    """Every page about this call, and every page about nothing in particular, that the role may open."""
    found = []
    for route, name, pattern in OURS:
        if not pattern.callback.permissions or not set(pattern.callback.permissions) <= ROLES[role]:
            continue
        if "<" not in route:
            found.append(reverse(name))
        elif route.count("<") == 1 and "<int:inquiry_id>" in route:
            found.append(reverse(name, args=[inquiry.pk]))
    return found


@pytest.fixture
def call(intake: StaffMember, counselor: StaffMember, supervisor: StaffMember) -> Inquiry:
    """Taken by a counselor, and linked by intake to somebody on a colleague's caseload."""
    foreign = factories.ClientFactory(
        clinic=counselor.clinic, counselor=supervisor, given_name="Xanthippe", family_name="Quillfeather"
    )
    inquiry = inquiries.take(by=counselor, given_name="Xan", family_name="Quill", reason="Called for a bed")
    inquiry = inquiries.link(inquiry=inquiry, client=foreign, by=intake)
    booking.book(
        inquiry=inquiry,
        staff_member=supervisor,
        starts_at=timezone.now() + datetime.timedelta(hours=1),
        outside_hours_reason="For this test",
        overlap_reason="For this test",
        by=intake,
    )
    return inquiry


def test_the_taker_of_a_call_does_not_learn_whose_chart_it_was_linked_to(
    call: Inquiry, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    assert not Client.objects.visible_to(counselor).exists()
    browser = signed_in(counselor)
    shown = {url: browser.get(url).content.decode() for url in pages(counselor.role, call)}
    assert len(shown) > 15
    assert "Called for a bed" in shown[reverse("cases:inquiry", args=[call.pk])]
    leaks = [url for url, page in shown.items() if "Xanthippe" in page or "Quillfeather" in page]
    numbered = [url for url, page in shown.items() if f"No. {call.client_id}." in page]
    assert (leaks, numbered) == ([], [])


@pytest.mark.parametrize("stay", ["none", "former", "in care"])
def test_nor_whether_they_were_here_before_nor_their_number(
    call: Inquiry, counselor: StaffMember, signed_in: Callable[[StaffMember], Browser], stay: str
) -> None:
    """“Record the return to use” told of a former client, “Assess placement” of a new one."""
    if stay != "none":
        ended = {"discharged_on": datetime.date(2026, 1, 9), "discharge_reason": "completed"}
        factories.TreatmentEpisodeFactory(client=call.client, **(ended if stay == "former" else {}))
    for assigned in (None, counselor):
        Inquiry.objects.filter(pk=call.pk).update(assigned_to=assigned)
        browser = signed_in(counselor)
        answers = {url: browser.get(url) for url in pages(counselor.role, call)}
        shown = {url: each.content.decode() + each.get("Location", "") for url, each in answers.items()}
        page = as_read(browser.get(reverse("cases:inquiry", args=[call.pk])))
        told = [words for words in ("Record the return to use", "Assess placement", "Admit") if words in page]
        links = [url for url, text in shown.items() if f"/clients/{call.client_id}/" in text]
        assert (told, links) == ([], [])


def test_who_may_see_the_chart_finds_the_name_there(
    call: Inquiry, supervisor: StaffMember, signed_in: Callable[[StaffMember], Browser]
) -> None:
    page = signed_in(supervisor).get(reverse("cases:inquiry", args=[call.pk])).content.decode()
    assert "Xanthippe Quillfeather" in page
