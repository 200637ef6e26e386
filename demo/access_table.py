"""Who may open what, found by trying: every address, by every role, as someone near to the record and far from it.

The records are those of `demo.examples`, and in the administration a row of each model. The same addresses are asked
for by people who differ in one thing only: how they stand to the record's client. Whatever the requests do is taken
back.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.test import Client as Browser
from django.urls import URLPattern, reverse
from django.utils import timezone

from cases.models import CareTeamMember, Client
from cases.people import registration
from demo.addresses import OURS, administration, permissions_of
from demo.administered import SEEING_MOST_FIRST, a_row_of_each, asked_by, client_behind
from demo.examples import BY_ROUTE, examples, names_in, parts_of, rows_to_post
from groups.models import Group, GroupFacilitator
from staff.access import ROLES, Permission
from staff.models import Clinic, Role, StaffMember

PUBLIC = {"meeting_id"}  # whose list of meetings it is doesn't matter: it stands behind any client
ABSENT = 987_654_321  # the number of nobody's record
METHODS = ("GET", "POST")
KEPT_FOR = 20  # seconds: sooner than a request writes it, which is taken back with all else, and with the next again
FAR = "far"  # the name of the other clinic, and what its people's addresses begin with


class Relation(Enum):
    """How the person who asks stands to the record."""

    OWN = "own"  # on the client's care team; leads the group
    OTHER_TEAM = "other team"  # of the same clinic, on no team of this client
    OTHER_CLINIC = "other clinic"
    RESTRICTED = "restricted"  # on the care team, and the client doesn't want them to see the record
    CROSSED = "crossed"  # a client of one's own in the address, before another client's record
    NOBODY = "nobody’s"  # the person of `OWN`, for a record that isn't there


def restrict() -> Callable[..., object] | None:
    """How a client keeps one colleague out: `function(*, client, staff_member, reason, by)`.

    None as long as the case record can't say so: then the column “restricted” is empty.
    """
    if find_spec("cases.people.restrictions") is None:
        return None
    act: Callable[..., object] = import_module("cases.people.restrictions").restrict
    return act


class _TakenBack(Exception):
    """What a request did is undone."""


@dataclass(frozen=True)
class Answer:
    """What came back: enough to compare two answers, and to print one."""

    status: int
    leads_to: str = ""
    page: str = field(default="", repr=False)  # a digest of its content, without what differs each time
    listed: int | None = None  # how many rows a list of the administration shows

    def __str__(self) -> str:
        if self.listed is not None:
            return f"{self.status}, {self.listed} row{'' if self.listed == 1 else 's'}"
        return f"{self.status} → {self.leads_to}" if self.leads_to else str(self.status)


@dataclass(frozen=True)
class Row:
    """One address asked with one method: its answers by role and relation. No answer where a relation says nothing."""

    name: str
    route: str
    method: str
    permissions: frozenset[Permission]
    answers: dict[tuple[str, Relation], Answer]
    leads_to_client: bool = False  # in the administration, where no address says so

    @property
    def of_a_client(self) -> bool:
        """Whether it shows a client's record: only their care team opens it, or a role that sees all."""
        return self.leads_to_client or "client_id" in names_in(self.route)

    @property
    def is_administration(self) -> bool:
        """Whether it is a page of the administration."""
        return self.name.startswith("admin:")

    @property
    def of_a_record(self) -> bool:
        """Whether it names a row of a clinic at all."""
        return any(relation == Relation.OTHER_CLINIC for _, relation in self.answers)

    def may_try(self, role: str) -> bool:
        """Whether the role has what the view requires."""
        return self.permissions <= ROLES[role]


def rows(clinic: Clinic, *, names: Collection[str] = (), every_role: bool = True) -> Iterator[Row]:
    """The table, row by row, on the demo clinic; only these addresses if `names` says so. Nothing of it remains.

    Without `every_role` it asks only what the record decides: of roles that the view lets try; of one of them for a
    record of their own, and for one behind another client; and for another team's if the role doesn't see all.
    """
    try:
        with transaction.atomic():
            table = _Table(clinic)
            for route, name, pattern in OURS:
                if not names or name in names:
                    yield from table.rows_of(route, name, pattern, every_role=every_role)
            for route, name, model in administration():
                if not names or name in names:
                    yield table.row_of_administration(route, name, model, every_role=every_role)
            raise _TakenBack
    except _TakenBack:
        ContentType.objects.clear_cache()


class _Table:
    def __init__(self, clinic: Clinic) -> None:
        self.records = rows_to_post(examples(clinic))
        self.client: Client = self.records["client_id"]
        self.group: Group = self.records["group_id"]
        self.by = StaffMember.objects.filter(clinic=clinic, role=Role.SUPERVISOR).earliest("pk")
        StaffMember.objects.filter(pk=self.by.pk).update(is_staff=True)
        self.administered = a_row_of_each(self.records, self.by)
        self.own_client = registration.register(by=self.by, given_name="Nova", family_name="Crossways")
        rows = [*self.records.values(), *self.administered.values()]
        behind = (client_behind(row) for row in rows if isinstance(row, models.Model))
        shown = {each for each in behind if each is not None}
        shown.add(self.client.pk)
        self.clients = list(Client.objects.filter(clinic=clinic, pk__in=shown))  # not every row is of one client
        self.asking: dict[tuple[str, Relation], _Asking] = {
            (role, relation): _Asking(self._person(clinic, role, relation))
            for role in Role.values
            for relation in self._relations()
            if relation not in (Relation.CROSSED, Relation.NOBODY)
        }

    def _relations(self) -> list[Relation]:
        return [each for each in Relation if each != Relation.RESTRICTED or restrict() is not None]

    def _person(self, clinic: Clinic, role: str, relation: Relation) -> StaffMember:
        if (role, relation) == (Role.SUPERVISOR, Relation.OWN):
            return self.by  # who wrote the examples: a draft opens for its author alone
        where = clinic
        if relation == Relation.OTHER_CLINIC:
            where, _ = Clinic.objects.get_or_create(name="Far Away Clinic", defaults={"time_zone": clinic.time_zone})
        person = StaffMember.objects.create(
            clinic=where,
            role=role,
            given_name="Nova",
            family_name="Onlooker",
            credential="LCDC",
            is_staff=True,  # else no page of the administration opens, to any role
            email=f"{role}-{relation.name.lower()}@{FAR}.example",
        )
        if relation in (Relation.OWN, Relation.RESTRICTED):
            now = timezone.now()
            for client in (*self.clients, self.own_client):
                CareTeamMember.objects.create(
                    client=client,
                    staff_member=person,
                    part=CareTeamMember.Part.COUNSELOR,
                    starts_at=now,
                    assigned_by=self.by,
                )
            GroupFacilitator.objects.create(group=self.group, staff_member=person, since=now, set_by=self.by)
        if relation == Relation.RESTRICTED and (keep_out := restrict()) is not None:
            for client in self.clients:
                keep_out(client=client, staff_member=person, reason="Not my cousin who works here", by=self.by)
        return person

    def rows_of(self, route: str, name: str, pattern: URLPattern, *, every_role: bool) -> Iterator[Row]:
        parts = parts_of(route, name, self.records)
        urls = {relation: self._address(name, parts, relation) for relation in self._relations()}
        asked = permissions_of(pattern)
        for method in METHODS:
            answers: dict[tuple[str, Relation], Answer] = {}
            for role in SEEING_MOST_FIRST:
                for relation, url in urls.items():
                    if url is None or (relation != Relation.OWN and not asked <= ROLES[role]):
                        continue  # the view asks for the permission before it looks at the address
                    if every_role or self._decides(role, relation, asked, answers):
                        answers[role, relation] = self._asking(role, relation).for_page(method, url)
                if any(each.status == 405 for each in answers.values()):
                    break
            if not any(each.status == 405 for each in answers.values()):
                yield Row(name, route, method, frozenset(asked), answers)

    def row_of_administration(self, route: str, name: str, model: type[models.Model], *, every_role: bool) -> Row:
        """The answers of a page about a row. A list is asked for that row alone: its answer says who sees it.

        Forms are asked for by every role in any case: here no view says what it requires.
        """
        page, row = name.rpartition("_")[2], self.administered[model]
        asked = asked_by(model, page)
        about_client = client_behind(row) in {each.pk for each in self.clients}
        answers: dict[tuple[str, Relation], Answer] = {}
        for role in SEEING_MOST_FIRST:
            for relation in self._relations_in_administration(page, about_client=about_client):
                if relation != Relation.OWN and (not asked or not asked <= ROLES[role]):
                    continue
                if every_role or self._decides(role, relation, asked, answers):
                    answers[role, relation] = self._asking(role, relation).for_page(
                        "GET", self._page(name, row, relation)
                    )
        return Row(name, route, "GET", frozenset(asked), answers, leads_to_client=about_client and page != "add")

    def _relations_in_administration(self, page: str, *, about_client: bool) -> Iterator[Relation]:
        yield Relation.OWN
        if page == "add":
            return
        yield from (Relation.OTHER_CLINIC, Relation.NOBODY)
        if about_client:
            yield from (Relation.OTHER_TEAM, *([Relation.RESTRICTED] if restrict() is not None else []))

    def _page(self, name: str, row: models.Model, relation: Relation) -> str:
        number = ABSENT if relation == Relation.NOBODY else row.pk
        if name.endswith("_changelist"):
            return f"{reverse(name)}?{row._meta.pk.attname}__exact={number}"
        return reverse(name) if name.endswith("_add") else reverse(name, args=[number])

    def _decides(
        self, role: str, relation: Relation, asked: Collection[Permission], answers: Collection[tuple[str, Relation]]
    ) -> bool:
        """Whether the answer says something that those before it don't."""
        if not set(asked) <= ROLES[role]:
            return False
        if relation in (Relation.OWN, Relation.CROSSED):
            return not any(before == relation for _, before in answers)
        return relation != Relation.OTHER_TEAM or Permission.CLIENT_VIEW_ALL not in ROLES[role]

    def _asking(self, role: str, relation: Relation) -> _Asking:
        near = relation in (Relation.CROSSED, Relation.NOBODY)
        return self.asking[role, Relation.OWN if near else relation]

    def _address(self, name: str, parts: dict[str, Any], relation: Relation) -> str | None:
        """Where to ask; None where the relation makes no difference, or the record isn't behind a client."""
        records = [each for each in parts if self._is_record(name, each)]
        if relation == Relation.OWN:
            return reverse(name, kwargs=parts)
        if not records or (relation == Relation.RESTRICTED and not self._leads_to_client(name, records)):
            return None
        if relation == Relation.CROSSED:
            if "client_id" not in parts or set(records) - PUBLIC == {"client_id"}:
                return None
            return reverse(name, kwargs=parts | {"client_id": self.own_client.pk})
        if relation == Relation.NOBODY:
            return reverse(name, kwargs=parts | dict.fromkeys(records, ABSENT))
        return reverse(name, kwargs=parts)

    def _leads_to_client(self, name: str, records: list[str]) -> bool:
        """Whether a row in the address is about one of the clients who keep a colleague out."""
        rows = [self.records[BY_ROUTE.get(name, each)] for each in records]
        return any(client_behind(row) in {each.pk for each in self.clients} for row in rows)

    def _is_record(self, name: str, part: str) -> bool:
        return isinstance(self.records.get(BY_ROUTE.get(name, part)), models.Model)


class _Asking:
    """One person's browser, signed in and sure of it."""

    def __init__(self, person: StaffMember) -> None:
        self.browser = Browser(raise_request_exception=False)
        self.browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        session = self.browser.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True, "email": person.email}
        ]
        session.save()
        self.key = session.session_key or ""
        self.kept = time.monotonic()

    def for_page(self, method: str, url: str) -> Answer:
        """The answer; what the request did is taken back."""
        if time.monotonic() > self.kept + KEPT_FOR:
            self.browser.session.save()
            self.kept = time.monotonic()
        answer: Any = None
        try:
            with transaction.atomic():
                answer = self.browser.generic(method, url)
                shown = (getattr(answer, "context_data", None) or {}).get("cl")
                listed = None if shown is None else len(shown.result_list)
                said = Answer(answer.status_code, _place(answer.get("Location", "")), _digest(answer), listed)
                if answer.streaming:
                    answer.close()
                if not connection.needs_rollback:
                    raise _TakenBack
                transaction.set_rollback(True)
        except _TakenBack:
            pass
        self.browser.cookies.clear()  # what it was told besides: messages
        self.browser.cookies[settings.SESSION_COOKIE_NAME] = self.key  # whoever was signed out is not
        return said


def _place(location: str) -> str:
    """Where a redirect leads, without the numbers of this run."""
    return re.sub(r"\d+", "…", location.partition("?")[0])


def _digest(answer: Any) -> str:
    """Of a page that refuses: two of them are told apart by whoever may compare them. Others needn't be read."""
    if answer.status_code < 400 or answer.streaming:
        return ""
    shown = re.findall(rb"<title.*?</title>|<main.*</main>", answer.content, re.DOTALL)
    said = re.sub(rb'value="\w{64}"|\d+', b"", b"".join(shown) or answer.content)
    return hashlib.sha256(said).hexdigest()[:12]
