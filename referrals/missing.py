"""The meetings that a held list lacks, and what of this clinic's hangs on them: for whoever decides about the list.

What hangs on a meeting comes first: clients who plan to go, open referrals, home groups. Whose they are is said to who
may see these clients; everybody else who may decide gets their number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import BigIntegerField, Func, Q
from django.utils import timezone

from cases.models import Client
from cases.people.deaths import has_died
from staff.access import Permission, can
from staff.models import StaffMember
from staff.prepared import IsOneOf

from .models import ImportRun, Meeting, Referral, SameMeeting, Tie

PAGE = 50


@dataclass
class Hanging:
    """What of this clinic's hangs on one meeting, by its clients' keys; nobody is in two of the first two."""

    planned: set[int] = field(default_factory=set)  # they plan to go
    referred: set[int] = field(default_factory=set)  # an open referral, and no plan is ahead
    home: set[int] = field(default_factory=set)
    elsewhere: str = ""  # another list that has this meeting, too: plans go on there

    def add(self, other: Hanging) -> None:
        """With what hangs on another row of the same meeting."""
        self.planned |= other.planned
        self.referred = (self.referred | other.referred) - self.planned
        self.home |= other.home

    @property
    def clients(self) -> set[int]:
        """All of them."""
        return self.planned | self.referred | self.home

    @property
    def rank(self) -> tuple[bool, int, int]:
        """What most hangs on comes first; last, what another list has."""
        return (self.elsewhere == "", len(self.planned), len(self.clients))

    @property
    def words(self) -> list[str]:
        """How many, and what."""
        planned, referred, home = len(self.planned), len(self.referred), len(self.home)
        said = (
            (planned, f"{planned} client{' plans' if planned == 1 else 's plan'} to go"),
            (referred, f"{referred} open referral{'' if referred == 1 else 's'}"),
            (home, f"Home group of {home} client{'' if home == 1 else 's'}"),
        )
        return [each for number, each in said if number]


@dataclass(frozen=True)
class Missing:
    """One of them, as the page shows it."""

    meeting: Meeting
    hanging: Hanging | None
    clients: Sequence[Client] = ()  # those that the reader may see

    @property
    def unnamed(self) -> int:
        """How many more there are."""
        return len(self.hanging.clients) - len(self.clients) if self.hanging is not None else 0


@dataclass(frozen=True)
class MissingPage:
    """So many of them as fit on a page, and what is said of all."""

    page: Page[int]
    rows: list[Missing]
    hanging: int  # meetings on which something hangs
    clients: int  # whose


def page_of(run: ImportRun, *, number: str | None, by: StaffMember) -> MissingPage:
    """A page of the meetings that were missing, what hangs on them first. Six queries, however many there are."""
    hanging = _hanging(run, clinic=by.clinic_id)
    first = sorted(hanging, key=lambda key: hanging[key].rank, reverse=True)
    page = Paginator([*first, *(key for key in run.missing if key not in hanging)], PAGE).get_page(number)
    keys = list(page.object_list)
    meetings = Meeting.objects.filter(IsOneOf("pk", keys)).in_bulk()
    shown = [hanging[key] for key in keys if key in hanging]
    clients = _named({client for each in shown for client in each.clients}, by=by)
    rows = [
        Missing(meetings[key], each, [clients[one] for one in sorted(each.clients if each else ()) if one in clients])
        for key, each in ((key, hanging.get(key)) for key in keys)
    ]
    everybody = {client for each in hanging.values() for client in each.clients}
    return MissingPage(page, rows, len(hanging), len(everybody))


def _hanging(run: ImportRun, *, clinic: int) -> dict[int, Hanging]:
    """By meeting, what hangs on it: as numbers of clients, whoever asks. The database has the list of them already."""
    missing = ImportRun.objects.filter(pk=run.pk).values_list(
        Func("missing", function="unnest", output_field=BigIntegerField())
    )
    found: dict[int, Hanging] = defaultdict(Hanging)
    now = timezone.now()
    # What was made from another row leads there, too (`leading_at`): an older one, or one of another list.
    led = SameMeeting.objects.leading_at(clinic).filter(lead__in=missing)
    leads = Q(meeting__in=missing) | Q(meeting__in=led.values("listing"))
    referrals = Referral.objects.filter(leads, client__clinic=clinic).open().of_the_living()
    asked = referrals.with_state().order_by().values_list("meeting", "client", "planned_for", "is_answered")  # type: ignore[misc]
    for meeting, client, planned_for, is_answered in asked:
        is_ahead = planned_for is not None and planned_for >= now and not is_answered
        (found[meeting].planned if is_ahead else found[meeting].referred).add(client)
    tied = Tie.objects.current().filter(leads, client__clinic=clinic).exclude(has_died("client"))
    for meeting, client in tied.order_by().values_list("meeting", "client"):
        found[meeting].home.add(client)
    if strangers := sorted(found.keys() - set(run.missing)):
        for listing, lead in led.filter(IsOneOf("listing", strangers)).values_list("listing", "lead"):
            found[lead].add(found.pop(listing))
    for meeting, other in _elsewhere(found, set(run.missing), clinic).items():
        found[meeting].elsewhere = other
    return dict(found)


def _elsewhere(keys: Collection[int], missing: Collection[int], clinic: int) -> dict[int, str]:
    """Those that another list has, too, by the name of that list: it will speak for them (`leading_at`)."""
    if not keys:
        return {}
    standing = SameMeeting.objects.standing().filter(clinic=clinic)
    behind, before = Q(IsOneOf("listing", keys)), Q(IsOneOf("lead", keys))
    leads = standing.filter(behind).values("lead")
    pairs = list(standing.filter(behind | before | Q(lead__in=leads)).order_by().values_list("listing", "lead"))
    one: dict[int, set[int]] = defaultdict(set)  # all rows of one meeting, by the one that leads
    for listing, lead in pairs:
        one[lead] |= {listing, lead}
    others = {each for rows in one.values() for each in rows if each not in missing}
    if not others:
        return {}
    listed = Meeting.objects.listed_at(clinic).filter(IsOneOf("pk", others)).order_by("pk")
    names = dict(listed.values_list("pk", "feed__name"))
    return {
        key: names[other]
        for rows in one.values()
        for key in rows.intersection(keys)
        for other in sorted(rows & names.keys(), reverse=True)
    }


def _named(keys: Iterable[int], *, by: StaffMember) -> dict[int, Client]:
    """Those clients whose referrals the person may see."""
    wanted = list(keys)
    if not wanted or not can(by, Permission.REFERRAL_VIEW):
        return {}
    return Client.objects.visible_to(by).filter(IsOneOf("pk", wanted)).in_bulk()
