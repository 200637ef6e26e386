"""The menus of privacy's pages: the officer's own, with how much waits behind each, and those of one chart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from privacy import today
from staff import navigation
from staff.models import StaffMember

PAGES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Logs",
        (
            ("Access log", "privacy:access_log"),
            ("Entries", "privacy:access_entries"),
            ("Lists and searches", "privacy:list_log"),
            ("Unusual access", "privacy:unusual"),
            ("Emergency look-ups", "privacy:look_ups"),
            ("Log checks", "privacy:audit_checks"),
        ),
    ),
    (
        "Registers",
        (
            ("Request queue", "privacy:requests"),
            ("Breaches", "privacy:breaches"),
            ("Known recipients", "privacy:recipients"),
            ("Service organizations", "privacy:agreements"),
            ("Retention", "privacy:retention"),
            ("Numbers", "privacy:numbers"),
        ),
    ),
)


REVIEWS = ("/privacy/emergency/", "/privacy/medical-emergencies/")  # of one emergency each


@dataclass(frozen=True)
class Page:
    """One link of the menu."""

    label: str
    url: str
    current: str  # what `aria-current` says: "page", "true" for a page under it, or nothing
    waiting: int  # lines on Today that lead to this page


def groups(staff_member: StaffMember, *, path: str) -> list[tuple[str, list[Page]]]:
    """The pages this person may open, by group, with the one they are on. Empty if that is one page only."""
    may_open = [
        (group, [(label, reverse(name)) for label, name in pages if navigation.may_open(staff_member, name)])
        for group, pages in PAGES
    ]
    addresses = [url for _, pages in may_open for _, url in pages]
    if len(addresses) < 2:
        return []
    here = _page_of(path, addresses)
    waiting = _waiting(staff_member, addresses)
    return [
        (group, [Page(label, url, _current(url, path, here), waiting[url]) for label, url in pages])
        for group, pages in may_open
        if pages
    ]


def of_chart(staff_member: StaffMember, *, client_id: int, path: str) -> list[tuple[str, list[Page]]]:
    """The same for the pages behind a chart's tab “Privacy”: one group without a name, and nothing that waits."""
    pages = navigation.privacy_of_chart(staff_member, client_id=client_id)
    if len(pages) < 2:
        return []
    here = _page_of(path, [url for _, url in pages])
    return [("", [Page(label, url, _current(url, path, here), 0) for label, url in pages])]


def _current(url: str, path: str, here: str) -> str:
    if url != here:
        return ""
    return "page" if url == path else "true"


def _waiting(staff_member: StaffMember, addresses: list[str]) -> Counter[str]:
    """How many lines of the reader's Today lead to each page: what waits is what Today says, nothing else."""
    found: Counter[str] = Counter()
    for need in today.needs(staff_member=staff_member, now=timezone.now()):
        found[_page_of(need.url, addresses)] += 1
    return found


def _page_of(path: str, addresses: list[str]) -> str:
    """The page that an address belongs to; the reviews of single emergencies are listed above the access log."""
    above = [url for url in addresses if path.startswith(url)]
    if not above and path.startswith(REVIEWS):
        return reverse("privacy:access_log")
    return max(above, key=len, default="")
