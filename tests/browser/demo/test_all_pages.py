"""Every page of the desk, found through the addresses: for whoever may open it, wide and light, narrow and dark.

On each, axe finds nothing, nothing is wider than the window, nothing is written to the console and nothing is asked of
anybody but this server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from cases.people import registration
from demo.examples import examples, pages_of
from staff.models import Clinic, StaffMember
from tests.browser.conftest import accessibility_faults, show

pytestmark = pytest.mark.django_db(transaction=True)

Windows = tuple[tuple[int, str], ...]
WINDOWS: Windows = ((390, "dark"), (1280, "light"))
ONE_LOOK: Windows = ((390, "light"),)


def test_every_page(quiet_page: Page, clinic: Clinic, enter: Callable[[StaffMember], None]) -> None:
    rows = examples(clinic)
    pages = [*pages_of(clinic, rows), *administration(clinic)]
    assert len(pages) > 60
    faults = list(walk(quiet_page, pages, WINDOWS, enter))
    newcomer = registration.register(by=pages[0][1], given_name="Nova", family_name="Blankpage")
    empty = [page for page in pages_of(clinic, {"client_id": newcomer}) if f"/clients/{newcomer.pk}/" in page[0]]
    assert len(empty) > 15
    faults += walk(quiet_page, empty, ONE_LOOK, enter)
    assert not faults, "\n".join(faults)


def walk(
    page: Page, pages: list[tuple[str, StaffMember]], windows: Windows, enter: Callable[[StaffMember], None]
) -> Iterator[str]:
    """What is wrong with each page in windows of these widths, in light or dark, a line each.

    A page is opened once, in the first window, which is then given the other looks: the narrow one first, as a row of
    tabs is scrolled when a page is opened, and only there.
    """
    reader = None
    for url, person in pages:
        if person != reader:
            enter(person)
            reader = person
        show(page, *windows[0])
        answer = page.goto(url)
        if "/reauthenticate/" in page.url:
            page.get_by_label("Password").fill("onward-demo-password")
            with page.expect_navigation() as going:
                page.get_by_role("button", name="Confirm").click()
            answer = going.value
        if answer is None or answer.status != 200:
            yield f"{url}: {answer and answer.status}"
            continue
        for width, scheme in windows:
            show(page, width, scheme)
            yield from (f"{url}, {width}, {scheme}: {fault}" for fault in accessibility_faults(page))
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                yield f"{url} is wider than a window of {width}"


def administration(clinic: Clinic) -> Iterator[tuple[str, StaffMember]]:
    """The front page, a list and a form of the administration; the others are made of the same parts."""
    administrator = StaffMember.objects.get(clinic=clinic, role="administrator")
    yield reverse("admin:index"), administrator
    yield reverse("admin:staff_staffmember_changelist"), administrator
    yield reverse("admin:staff_staffmember_change", args=[administrator.pk]), administrator
