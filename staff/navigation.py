"""The left rail: where each role can go. A link shows if the person's role has its permission."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, resolve, reverse

from staff.access import Permission, can
from staff.models import StaffMember


@dataclass(frozen=True)
class Entry:
    """One entry of the rail."""

    label: str
    icon: str  # a Lucide icon's name
    url_name: str
    permission: Permission
    heading: str = ""  # of its part of the rail; the day's work stands above all headings
    section: str = ""  # the address under which all pages belong to it that no other entry has
    count: str = ""  # what the signed-in person carries as a number (staff.models.StaffManager.get)


HELP, PRIVACY, SETUP = "Community", "Records and privacy", "Clinic"
MOST_IN_SIGHT = 18  # entries that fit a laptop’s window; the parts below them are folded

RAIL = (
    Entry("Today", "sun", "desk:today", Permission.TODAY_VIEW),
    Entry("Inbox", "inbox", "reminders:inbox", Permission.TODAY_VIEW, count="unread"),
    Entry("Calendar", "calendar-days", "appointments:calendar", Permission.APPOINTMENT_VIEW),
    Entry("Front desk", "concierge-bell", "appointments:front_desk", Permission.APPOINTMENT_VIEW),
    Entry("Follow-up", "phone-call", "appointments:follow_ups", Permission.FOLLOW_UP_VIEW),
    Entry("Inquiries", "phone-incoming", "cases:inquiries", Permission.INQUIRY_VIEW),
    Entry("Clients", "users", "cases:clients", Permission.CLIENT_VIEW),
    Entry("Notes", "notebook-pen", "counseling:worklist", Permission.NOTE_WRITE),
    Entry("Groups", "messages-square", "groups:groups", Permission.GROUP_VIEW),
    Entry("Reminders", "bell-ring", "reminders:reminders", Permission.REMINDER_VIEW),
    Entry("Emergency access", "siren", "privacy:emergency", Permission.EMERGENCY_OPEN),
    Entry("Meetings", "map-pin", "referrals:finder", Permission.MEETING_VIEW, HELP),
    Entry("Referrals", "handshake", "referrals:referrals", Permission.REFERRAL_VIEW, HELP),
    Entry("Services", "building-2", "referrals:services", Permission.REFERRAL_VIEW, HELP),
    Entry("Places", "book-marked", "referrals:places", Permission.PLACES_KEEP, HELP),
    Entry("Referral guide", "message-circle", "referrals:guide_words", Permission.REFERRAL_GUIDE, HELP),
    Entry("Meeting feeds", "rss", "referrals:feeds", Permission.FEED_IMPORT, HELP),
    Entry("Information requests", "message-circle-question-mark", "privacy:asked", Permission.ASKED_RECORD, PRIVACY),
    Entry("Request queue", "scale", "privacy:requests", Permission.REQUESTS_WORK, PRIVACY),
    Entry("Report a breach", "shield-alert", "privacy:breach_report", Permission.BREACH_REPORT, PRIVACY),
    Entry("Privacy", "shield", "privacy:access_log", Permission.ACCESS_LOG_VIEW, PRIVACY, section="/privacy/"),
    Entry("Log checks", "list-checks", "privacy:audit_checks", Permission.AUDIT_VERIFY, PRIVACY),
    Entry("Backups", "database-backup", "reminders:backups", Permission.AUDIT_VERIFY, PRIVACY),
    Entry("Signed notes", "badge-check", "counseling:signatures", Permission.SIGNATURES_VERIFY, PRIVACY),
    Entry("State report", "file-spreadsheet", "cases:state_report", Permission.REPORT_VIEW, SETUP),
    Entry("Note formats", "layout-template", "counseling:formats", Permission.NOTE_FORMATS, SETUP),
    Entry("Instruments", "gauge", "counseling:instruments", Permission.MEASURE_SETUP, SETUP),
    Entry("Accounts", "user-round-check", "staff:changes", Permission.STAFF_APPROVE, SETUP),
    Entry("Administration", "settings", "admin:index", Permission.CLINIC_MANAGE, SETUP),
)


@dataclass
class Link:
    """An entry as one person sees it on one page."""

    entry: Entry
    url: str
    count: int
    current: bool


def rail(request: HttpRequest) -> dict[str, object]:
    """Context for every page: what of the rail this person can open, in its parts, with the entry they are on.

    A part is (heading, its links, whether it stands open). The first has no heading and is never folded.
    """
    staff_member = getattr(request, "user", None)
    if staff_member is None or not staff_member.is_authenticated:
        return {}
    links = [
        Link(entry, url, getattr(staff_member, entry.count, 0) if entry.count else 0, current=False)
        for entry in RAIL
        if can(staff_member, entry.permission)
        and (url := _of_entry(entry)) is not None
        and _may_open(staff_member, url, entry.url_name)
    ]
    if (here := _where(request, links)) is not None:
        here.current = True
    parts = [(heading, list(part)) for heading, part in itertools.groupby(links, key=lambda link: link.entry.heading)]
    down_to = itertools.accumulate(len(part) for _, part in parts)
    return {
        "rail": [
            (heading, part, so_far <= MOST_IN_SIGHT or any(link.current for link in part))
            for (heading, part), so_far in zip(parts, down_to, strict=True)
        ]
    }


def _where(request: HttpRequest, links: list[Link]) -> Link | None:
    """The entry of this page: the nearest above its address (“Meeting feeds” is not “Meetings”), or of its section."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    on = [
        link for link in links if link.entry.url_name == name or (link.url != "/" and request.path.startswith(link.url))
    ]
    around = (link for link in links if link.entry.section and request.path.startswith(link.entry.section))
    return max(on, key=lambda link: len(link.url), default=None) or next(around, None)


def _of_entry(entry: Entry) -> str | None:
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return None


# The tabs of a client's chart. Where several addresses are named, the first that exists is taken.
CHART_TABS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Overview", ("desk:chart",)),
    ("Returns to use", ("cases:relapses",)),
    ("Level of care", ("cases:episodes",)),
    ("Notes", ("counseling:notes",)),
    ("Plan", ("counseling:plan",)),
    ("Carry-over", ("counseling:carry_over_latest",)),
    ("Groups", ("groups:client_groups",)),
    ("Appointments", ("appointments:client_appointments",)),
    ("Referrals", ("referrals:client_referrals",)),
    ("Reminders", ("reminders:client_reminders",)),
    ("Privacy", ("privacy:client_consents",)),
    ("Contact", ("cases:client_edit",)),
)


# The pages behind the chart's tab “Privacy”, in the order of its menu.
PRIVACY_OF_A_CHART: tuple[tuple[str, str], ...] = (
    ("Consents", "privacy:client_consents"),
    ("Disclosures", "privacy:disclosures"),
    ("Accounting", "privacy:accounting"),
    ("Copy of the record", "privacy:record_copy"),
    ("Who opened this", "privacy:chart_openings"),
    ("Access report", "desk:access_reports"),
    ("Restrictions", "cases:restrictions"),
    ("Legal holds", "privacy:legal_holds"),
    ("Information request", "privacy:client_asked"),
)
# Pages that belong to a tab though their address doesn't begin with its own.
ALSO_OF_TAB: dict[str, tuple[str, ...]] = {
    "Returns to use": ("cases:naloxone",),
    "Referrals": ("referrals:client_services", "referrals:client_finder"),
}

# What is one click away on every page of a chart, whatever its tab: what one looks for in a hurry.
AT_HAND: tuple[tuple[str, str, str], ...] = (
    ("Safety plan", "life-buoy", "counseling:safety_plan"),
    ("Medical emergency", "ambulance", "privacy:medical_emergency"),
)


def at_hand(staff_member: StaffMember, *, client_id: int, path: str) -> list[dict[str, object]]:
    """Links at the top of each chart page that this user may open, except to the current page."""
    links: list[dict[str, object]] = []
    for label, icon, name in AT_HAND:
        url = _address(name, client_id)
        if url is not None and url != path and _may_open(staff_member, url, name):
            links.append({"label": label, "icon": icon, "url": url})
    return links


def chart_tabs(staff_member: StaffMember, *, client_id: int, path: str) -> list[dict[str, object]]:
    """The tabs this user may open: those whose view needs no permission their role lacks."""
    tabs: list[dict[str, object]] = []
    for label, names in CHART_TABS:
        named = next(((name, url) for name in names if (url := _address(name, client_id))), None)
        if named is None:
            continue
        name, url = named
        if _may_open(staff_member, url, name):
            tabs.append({"label": label, "url": url})
    if any(path.startswith(url) for _, url in privacy_of_chart(staff_member, client_id=client_id)):
        path = _address("privacy:client_consents", client_id) or path
    here = [
        str(tab["url"]) for tab in tabs if path.startswith(str(tab["url"])) or _also(str(tab["label"]), client_id, path)
    ]
    nearest = max(here, key=len, default=None)
    for tab in tabs:
        # every other URL starts with the overview's: it is current only by itself
        tab["current"] = tab["url"] == nearest and (tab["label"] != "Overview" or tab["url"] == path)
    return tabs


def privacy_of_chart(staff_member: StaffMember, *, client_id: int) -> list[tuple[str, str]]:
    """The pages behind the tab “Privacy” of this chart that the reader may open: label and address."""
    named = ((label, name, _address(name, client_id)) for label, name in PRIVACY_OF_A_CHART)
    return [(label, url) for label, name, url in named if url is not None and _may_open(staff_member, url, name)]


def may_open(staff_member: StaffMember, name: str) -> bool:
    """Whether the page of this name, which takes no argument, is one that the person's role may open."""
    return _may_open(staff_member, reverse(name), name)


def _also(label: str, client_id: int, path: str) -> bool:
    """Whether a page belongs to this tab by ALSO_OF_TAB."""
    addresses = (_address(name, client_id) for name in ALSO_OF_TAB.get(label, ()))
    return any(url is not None and path.startswith(url) for url in addresses)


def _may_open(staff_member: StaffMember, url: str, name: str) -> bool:
    """Whether the view behind a URL needs no permission that the person's role lacks."""
    key = get_urlconf() or settings.ROOT_URLCONF, name
    if key not in _needed:
        _needed[key] = getattr(resolve(url).func, "permissions", ())
    return all(can(staff_member, permission) for permission in _needed[key])


_needed: dict[tuple[Any, str], tuple[Permission, ...]] = {}  # permissions of each view that is linked to


def _address(name: str, client_id: int) -> str | None:
    try:
        return reverse(name, kwargs={"client_id": client_id})
    except NoReverseMatch:
        return None


def demo_logins(request: HttpRequest) -> dict[str, object]:
    """Context for the sign-in page of the demo: one sign-in per role. Nothing outside the demo's settings.

    None on a tablet in a client's hands either: one press would be a way out of it.
    """
    shown = getattr(settings, "SHOW_DEMO_LOGINS", False) and not getattr(request, "on_tablet", False)
    if not shown or request.path != reverse("account_login"):
        return {}
    people = StaffMember.objects.filter(email__endswith=f"@{settings.DEMO_EMAIL_DOMAIN}").order_by("pk")
    first_of_role: dict[str, StaffMember] = {}
    for person in people:
        first_of_role.setdefault(person.get_role_display(), person)
    logins = [
        {"role": role, "email": person.email, "password": settings.DEMO_PASSWORD}
        for role, person in first_of_role.items()
    ]
    return {"demo_logins": logins}
