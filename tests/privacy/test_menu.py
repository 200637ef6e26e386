"""The menus of privacy's pages: what a role may open, where one is, and how much waits."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy import breaches, menu, today
from staff.models import Role

CHART = ("Consents", "Disclosures", "Information request")


def labels(groups):
    return [page.label for _, pages in groups for page in pages]


def test_every_page_of_the_menu_opens_and_marks_itself(privacy_officer, signed_in):
    browser = signed_in(privacy_officer)
    pages = [page for _, group in menu.groups(privacy_officer, path="/") for page in group]
    assert [page.label for page in pages] == [label for _, group in menu.PAGES for label, _ in group]
    for page in pages:
        shown = browser.get(page.url).content.decode()
        nav = shown[
            shown.index('<nav class="ow-section') : shown.index("</nav>", shown.index('<nav class="ow-section'))
        ]
        marked = re.findall(r'href="([^"]+)"\s+aria-current="page"', nav)
        assert marked == [page.url]


def test_a_page_under_one_of_them_marks_it_without_being_it(privacy_officer):
    breach = reverse("privacy:breach", args=[7])
    found = {page.label: page.current for _, group in menu.groups(privacy_officer, path=breach) for page in group}
    assert found["Breaches"] == "true"
    assert set(found.values()) == {"true", ""}
    review = reverse("privacy:emergency_review", args=[7])
    found = {page.label: page.current for _, group in menu.groups(privacy_officer, path=review) for page in group}
    assert found["Access log"] == "true"


def test_what_waits_is_what_today_says(privacy_officer, counselor):
    breaches.report(
        discovered_on=timezone.localdate(timezone=counselor.clinic.zone) - datetime.timedelta(days=1),
        what_happened="A letter was handed to the wrong person.",
        information="Name",
        by=counselor,
    )
    found = {page.label: page.waiting for _, group in menu.groups(privacy_officer, path="/") for page in group}
    needs = today.needs(staff_member=privacy_officer, now=timezone.now())
    assert found["Breaches"] == len([each for each in needs if each.kind == "Breaches"]) > 0
    assert sum(found.values()) == len(needs)


@pytest.mark.parametrize("role", [Role.COUNSELOR, Role.ADMINISTRATOR, Role.INTAKE_COORDINATOR])
def test_who_may_open_one_of_them_at_most_gets_no_menu(role, make_staff):
    assert menu.groups(make_staff(role), path=reverse("privacy:audit_checks")) == []


def test_the_pages_of_a_chart_are_those_that_the_role_may_open(client_record, counselor, privacy_officer, signed_in):
    path = reverse("privacy:disclosures", args=[client_record.pk])
    assert tuple(labels(menu.of_chart(counselor, client_id=client_record.pk, path=path))) == CHART
    assert len(labels(menu.of_chart(privacy_officer, client_id=client_record.pk, path=path))) > len(CHART)
    shown = signed_in(counselor).get(path).content.decode()
    tabs = shown[shown.index('aria-label="Chart"') :]
    assert re.search(r'aria-current="page"\s*>\s*Privacy\s*<', tabs)
    assert reverse("privacy:record_copy", args=[client_record.pk]) not in shown
