"""Hostile days, times and numbers in every form and address: never an error page, never stored outside their range.

Every page that somebody may open is opened, its forms are read as a browser reads them, and each field for a day, a
time or a number is sent what no calendar and no column holds. The owner is staff/typed_days.py.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.data_set_codes import Point
from cases.episodes import admissions
from cases.intake import inquiries
from cases.recovery import relapses
from counseling import notes, plans
from demo.addresses import OURS
from groups import organizing, rosters, sessions
from privacy import consents
from referrals import referring
from staff.access import ROLES
from staff.models import Role
from tests import factories

from .sources import APPS

DAYS = ["0001-01-01", "0088-05-14", "9999-12-31", "2199-12-31", "1899-12-31", "-0001-01-01", "٢٠٢٦-٠٣-٠٨", "tomorrow"]
TIMES = ["02:30", "24:00", "23:59:59.999999", "٠٢:٣٠", "2.5", "99:99"]
NUMBERS = ["²", "٣", "-1", "99999999999", "9" * 30, "9" * 5000, "1e9", "NaN", "0x1", "½", "1.5"]
MOMENTS = ["9999-12-31T23:30", "0001-01-01T00:00", "2026-03-08T02:30", "2026-11-01T01:30", "0001-01-01T00:00+14:00"]
IN_ADDRESSES = [
    "9999-12-31", "0001-01-01", "²", "9" * 5000, "-1", "9999-12-31T23:30:00-05:00~1", "0001-01-01T00:00:00+14:00~1",
]  # fmt: skip
NAMES_IN_ADDRESSES = (
    "after", "client", "day", "episode", "for", "from", "goal", "inquiry", "need", "objective", "page", "person",
    "relapse", "since", "span", "until", "version", "writing",
)  # fmt: skip
# The roll has a row for each member: what is wrong is said at the row, and minutes count only with some of the marks.
MINUTES_OF_THE_ROLL = re.compile(r"(late|early)-\d+")
KIND_OF = {"date": "day", "datetime-local": "moment", "time": "time", "number": "number"}
HOSTILE = st.fixed_dictionaries(
    {
        "day": st.sampled_from(DAYS),
        "moment": st.sampled_from(MOMENTS),
        "time": st.sampled_from(TIMES),
        "number": st.sampled_from(NUMBERS),
    }
)
# One statement, since it is asked after every form that is taken.
DAYS_OUT_OF_RANGE = " UNION ALL ".join(
    f"(SELECT '{model._meta.label}.{field.name}' FROM \"{model._meta.db_table}\""
    f" WHERE \"{field.column}\" < '1900-01-01' OR \"{field.column}\" >= '2201-01-01' LIMIT 1)"
    for model in apps.get_models()
    if model._meta.app_label in APPS and model._meta.managed
    for field in model._meta.concrete_fields
    if isinstance(field, models.DateField) and field.model is model
)
FEW = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Forms(HTMLParser):
    """The forms of a page: where each goes, what it would send untouched, which fields are days or numbers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[SimpleNamespace] = []
        self.inside: SimpleNamespace | None = None
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = SimpleNamespace(
                action=said.get("action", ""), posts=said.get("method", "").lower() == "post", sent={}, typed={}
            )
            self.found.append(self.inside)
        elif self.inside is not None and tag == "input" and said.get("name"):
            self._input(said)
        elif self.inside is not None and tag == "textarea" and said.get("name"):
            self.inside.sent[said["name"]] = "Some words."
        elif tag == "select":
            self.select = said.get("name", "")
        elif tag == "option" and self.inside is not None and self.select and said.get("value"):
            untouched = {} if "selected" in said else self.inside.sent
            self.inside.sent[self.select] = untouched.get(self.select, said["value"])

    def _input(self, said: dict[str, str]) -> None:
        assert self.inside is not None
        kind, name = said.get("type", "text"), said["name"]
        if kind in KIND_OF:
            self.inside.typed[name] = KIND_OF[kind]
            self.inside.sent[name] = said.get("value", "")
        elif kind not in {"checkbox", "radio", "submit", "file"}:
            self.inside.sent[name] = said.get("value", "") or "Some words"
        elif (kind == "radio" and name not in self.inside.sent) or "checked" in said:
            self.inside.sent[name] = said.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = ""


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """The pages and their forms, read once for all tests of the module; no row of it remains."""
    with django_db_blocker.unblock(), transaction.atomic():
        pages = every_page()
        yield SimpleNamespace(pages=pages, forms=every_typed_form(pages))
        transaction.set_rollback(True)


@pytest.fixture
def house(built: SimpleNamespace, db: None) -> SimpleNamespace:
    return built


def every_page() -> list[tuple[str, Browser]]:
    """What somebody may open of a client who has a row of each kind, and by whom."""
    clinic = factories.ClinicFactory(name="Example Clinic")
    program = factories.ProgramFactory(clinic=clinic, name="Outpatient")
    staff = {role: factories.StaffMemberFactory(clinic=clinic, role=role) for role in Role}
    client_record = factories.ClientFactory(clinic=clinic, given_name="Robin", family_name="Sample")
    for person in staff.values():
        factories.CareTeamMemberFactory(client=client_record, staff_member=person)
    by = staff[Role.SUPERVISOR]
    today = timezone.localdate(timezone=client_record.clinic.zone)
    ago = today - datetime.timedelta(days=40)
    relapse = relapses.record(client=client_record, started_on=ago, substances=["alcohol"], by=by)
    episode = admissions.admit(client=client_record, program=program, level_of_care="1.5", admitted_on=ago, by=by)
    goal = plans.add_goal(episode=episode, wording="Sleep", by=by)
    group = organizing.start(
        facilitators=[by],
        by=by,
        name="Evening",
        type="support",
        weekday=2,
        starts_at=datetime.time(2, 30),
        program=program,
    )
    session = sessions.plan(group=group, starts_at=timezone.now() - datetime.timedelta(days=1), by=by)
    ids = {
        "client_id": client_record.pk,
        "episode_id": episode.pk,
        "relapse_id": relapse.pk,
        "inquiry_id": inquiries.take(by=by, reason="Wants help", given_name="Robin").pk,
        "goal_id": goal.pk,
        "objective_id": plans.add_objective(goal=goal, wording="Eight hours", by=by).pk,
        "note_id": notes.start(client=client_record, episode=episode, by=by, sections={"plan": "Call."}).pk,
        "group_id": group.pk,
        "membership_id": rosters.join(group=group, client=client_record, joined_on=ago, by=by).pk,
        "session_id": session.pk,
        "referral_id": referring.offer(client=client_record, fellowship="aa", by=by).pk,
        "consent_id": consents.draft(client=client_record, type="tpo", by=by).pk,
        "instrument": "phq-9",
        "point": Point.ADMISSION.value,
        "kind": "triggers",
    }
    browsers = {}
    for role, person in staff.items():
        browsers[role] = Browser(raise_request_exception=False)
        browsers[role].force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    pages = []
    for route, name, pattern in OURS:
        asked = [part.split(">")[0].rpartition(":")[2] for part in route.split("<")[1:]]
        role = next(
            (each for each in (Role.SUPERVISOR, *Role) if set(pattern.callback.permissions) <= ROLES[each]), None
        )
        if not pattern.callback.permissions or role is None or not set(asked) <= set(ids):
            continue
        try:
            pages.append((reverse(name, kwargs={each: ids[each] for each in asked}), browsers[role]))
        except NoReverseMatch:
            continue
    return pages


def out_of_range() -> list[str]:
    """Columns of ours that hold a day or a moment outside 1900 to 2199."""
    with connection.cursor() as cursor:
        cursor.execute(DAYS_OUT_OF_RANGE)
        return [place for (place,) in cursor.fetchall()]


@settings(FEW, max_examples=2)
@given(turn=st.integers(0, len(IN_ADDRESSES) - 1))
def test_no_address_ends_in_an_error_page(house: SimpleNamespace, turn: int) -> None:
    """Each page gets another of the values in each turn: all of them on every page would take minutes."""
    for place, (page, browser) in enumerate(house.pages):
        value = IN_ADDRESSES[(place + turn) % len(IN_ADDRESSES)]
        asked = dict.fromkeys(NAMES_IN_ADDRESSES, value)
        with transaction.atomic():
            status = browser.get(page, asked).status_code
            transaction.set_rollback(True)
        assert status < 500, f"{page} answers {status} to {value[:40]}"


def every_typed_form(pages: list[tuple[str, Browser]]) -> list[tuple[str, Browser, SimpleNamespace]]:
    """Every form with a field for a day, a time or a number, once."""
    found = {}
    for page, browser in pages:
        answer = browser.get(page)
        if answer.status_code == 200 and "text/html" in answer["Content-Type"]:
            for form in Forms(answer.content.decode()).found:
                if form.posts and form.typed:
                    found[form.action or page, *sorted(form.typed)] = (form.action or page, browser, form)
    return list(found.values())


@pytest.fixture
def typed_forms(house: SimpleNamespace) -> list[tuple[str, Browser, SimpleNamespace]]:
    return house.forms


def test_the_forms_are_found(typed_forms: list[tuple[str, Browser, SimpleNamespace]]) -> None:
    names = {name for _, _, form in typed_forms for name in form.typed}
    assert {"admitted_on", "discharged_on", "started_on", "session_on", "begins", "taken_on", "signed_on"} <= names
    assert {
        "disclosed_at",
        "birth_date",
        "joined_on",
        "due_on",
        "sobriety_date",
        "starts_at",
        "next_action_at",
    } <= names
    assert len(typed_forms) >= 20


@FEW
@given(value=HOSTILE)
def test_no_form_takes_what_cannot_be(
    typed_forms: list[tuple[str, Browser, SimpleNamespace]], value: dict[str, str]
) -> None:
    for address, browser, form in typed_forms:
        hostile = {name: value[kind] for name, kind in form.typed.items()}
        with transaction.atomic():
            status = browser.post(address, form.sent | hostile).status_code
            transaction.set_rollback(status >= 400)
            assert status < 500, f"{address} answers {status} to {hostile}"
            wrong = out_of_range() if status < 400 else []
            transaction.set_rollback(True)
        assert not wrong, f"{address} stored {wrong} from {hostile}"


def is_said_beside(page: str, name: str) -> bool:
    """Whether an input of that name is marked as wrong and points to a message with words in it."""
    for tag in re.findall(r"<input[^>]*>", page):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if unescape(said.get("name", "")) == name and said.get("aria-invalid") == "true":
            for place in said.get("aria-describedby", "").split():
                found = re.search(rf'id="{re.escape(place)}"[^>]*>(.*?)</(?:span|div|p|ul)>', page, re.DOTALL)
                if "error" in place and found and re.sub(r"<[^>]*>", "", found[1]).strip():
                    return True
    return False


def test_one_wrong_field_at_a_time(typed_forms: list[tuple[str, Browser, SimpleNamespace]]) -> None:
    """A form that is right but for one field comes back as it was typed, with the message beside that field."""
    first = {"day": "0088-05-14", "moment": "9999-12-31T23:30", "time": "99:99", "number": "²"}
    for address, browser, form in typed_forms:
        for name, kind in form.typed.items():
            with transaction.atomic():
                answer = browser.post(address, form.sent | {name: first[kind]})
                transaction.set_rollback(answer.status_code >= 400)
                status, wrong = answer.status_code, out_of_range() if answer.status_code < 400 else []
                transaction.set_rollback(True)
            assert status < 500, f"{address} answers {status} to {name}={first[kind]}"
            assert not wrong, f"{address} stored {wrong} from {name}={first[kind]}"
            if MINUTES_OF_THE_ROLL.fullmatch(name):
                continue
            assert is_said_beside(answer.content.decode(), name), f"{address} says nothing beside {name}={first[kind]}"
