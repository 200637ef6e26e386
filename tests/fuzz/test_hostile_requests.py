"""Requests that no page of ours would send, to every address and every form, by whoever may: never an error page.

Pages are read for their forms as a browser would, on a small demo clinic; each form is then sent with fields gone
wrong, each address with parts and a query gone wrong. `make test` sends a few to each; ONWARD_FUZZ=1000 a thousand.
"""

from __future__ import annotations

import random
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.client import MULTIPART_CONTENT
from django.urls import Resolver404, resolve, reverse

from cases.models import Client
from demo.addresses import OURS
from demo.examples import examples, names_in, parts_of, placeholders
from staff.access import ROLES
from staff.models import Clinic, StaffMember

from . import COUNT, SEED, hostile
from .pages import Form, forms_in

NOT_BY_US = {"account_logout", "mfa_deactivate_totp"}  # leads away from every page that follows
ADMIN = (
    "admin:index",
    "admin:staff_staffmember_changelist",
    "admin:staff_clinic_changelist",
    "admin:cases_client_changelist",
)
A_FEW = 2  # requests to each form, and to each address, unless told otherwise


class _Undone(Exception):
    """Takes back what a request did, so that each of them finds the same clinic."""


def key(browser: Browser) -> str:
    """Of the session."""
    cookie = browser.cookies.get(configured.SESSION_COOKIE_NAME)
    return cookie.value if cookie else ""


def where(error: Exception) -> str:
    """The last line of ours that an error came through."""
    frames = [f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)]
    ours = [each for each in frames if "/.venv/" not in each and "/tests/" not in each]
    return (ours or frames)[-1]


@dataclass
class Target:
    """A form of a page, with who may send it."""

    form: Form
    sender: StaffMember
    page: str


class Sender:
    """Sends requests one by one and remembers what went wrong."""

    def __init__(self) -> None:
        self.browsers: dict[int, Browser] = {}
        self.faults: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()

    def browser(self, person: StaffMember) -> Browser:
        if person.pk not in self.browsers:
            self.browsers[person.pk] = Browser()
            self.browsers[person.pk].force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return self.browsers[person.pk]

    def send(self, person: StaffMember, what: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """One request whose traces are taken back; anything but an answer below 500 is a fault."""
        browser = self.browser(person)
        before = key(browser)
        answer = None
        try:
            with transaction.atomic():
                answer = getattr(browser, method)(*args, **kwargs)
                connection.check_constraints()
                raise _Undone
        except _Undone:
            pass
        except Exception as error:
            self.faults[f"{what}: {type(error).__name__}: {str(error)[:160]} ({where(error)})"] += 1
            return None
        finally:
            if key(browser) != before:  # signed out, or signed in anew: that was taken back, too
                del self.browsers[person.pk]
        self.answers[answer.status_code] += 1
        if answer.status_code >= 500 and "/health/jobs/" not in what:  # which says that nobody sends: it is so
            self.faults[f"{what}: {answer.status_code}"] += 1
        return answer

    def post(
        self, person: StaffMember, what: str, address: str, content: bytes, kind: str, headers: dict[str, str]
    ) -> None:
        """The bytes as they are, under whatever they claim to be."""
        self.send(person, what, "generic", "POST", address, content, content_type=kind, headers=headers)


@pytest.fixture
def clinic(db: None, make_demo: Callable[[int], Clinic]) -> Clinic:
    return make_demo(12)


def addresses(clinic: Clinic, rows: dict[str, Any]) -> Iterator[tuple[str, StaffMember]]:
    """Every address of ours with the rows of the examples, and somebody who may open it; some of the administration."""
    people = list(StaffMember.objects.filter(clinic=clinic).order_by("-role", "pk"))
    for route, name, pattern in OURS:
        reader = next((each for each in people if set(pattern.callback.permissions) <= ROLES[each.role]), None)
        assert reader is not None
        known = all(part in rows for part in names_in(route))
        yield reverse(name, kwargs=parts_of(route, name, rows) if known else placeholders(route)), reader
    administrator = next(each for each in people if each.is_staff)
    for name in ADMIN:
        yield reverse(name), administrator
    yield reverse("admin:staff_staffmember_change", args=[administrator.pk]), administrator
    yield reverse("account_login"), administrator


def reachable(action: str, page: str) -> str | None:
    """Where a form leads, if that is an address of ours."""
    address = urlsplit(action or page)
    try:
        match = resolve(address.path or urlsplit(page).path)
    except Resolver404:
        return None
    if match.view_name in NOT_BY_US:
        return None
    return (address.path or urlsplit(page).path) + (f"?{address.query}" if address.query else "")


def targets(sender: Sender, pages: list[tuple[str, StaffMember]]) -> list[Target]:
    """Each form once, by where it leads and what its fields are called."""
    found: dict[Any, Target] = {}
    for page, person in pages:
        answer = sender.send(person, f"GET {page}", "get", page)
        if answer is None or answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
            continue
        for form in forms_in(answer.content.decode()):
            address = reachable(form.action, page)
            if address is not None:
                form.action = address
                route = resolve(urlsplit(address).path).route
                kept = (route, form.method, frozenset(name for name, _ in form.fields))
                found.setdefault(kept, Target(form, person, page))
    return list(found.values())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_request_ends_in_an_error_page(clinic: Clinic) -> None:
    rows = examples(clinic)
    pages = list(addresses(clinic, rows))
    sender = Sender()
    forms = targets(sender, pages)
    assert len(forms) > 120, len(forms)
    assert not sender.faults, sender.faults
    foreign = [row.pk for row in rows.values() if hasattr(row, "pk")] + list(
        Client.objects.values_list("pk", flat=True)[:5]
    )
    for form in forms:
        for number in range(COUNT or A_FEW):
            to_form(sender, form, random.Random(f"{SEED} {form.form.action} {number}"), foreign)
    for page, person in pages:
        for number in range(COUNT or A_FEW):
            to_address(sender, page, person, random.Random(f"{SEED} {page} {number}"))
    print(f"{sender.answers.total()} requests to {len(forms)} forms and {len(pages)} addresses: {dict(sender.answers)}")  # noqa: T201  # for whoever runs the long form
    assert not sender.faults, "\n".join(f"{count} x {what}" for what, count in sorted(sender.faults.items()))
    assert sender.answers[200] + sender.answers[302] > sender.answers.total() / 10, "some of it gets through"


def to_form(sender: Sender, target: Target, chance: random.Random, foreign: list[int]) -> None:
    """One hostile filling-in of a form, in one of the ways in which a form can come."""
    form, headers = target.form, chance.choice(hostile.HEADERS)
    sent = hostile.body(chance, form.fields, foreign)
    what = f"{form.method.upper()} {form.action} {headers or ''}"
    if form.method == "get":
        named = [(name, value) for name, value in sent if isinstance(value, str)]
        asked = hostile.urlencode([(name, value[:1500]) for name, value in named], errors="surrogatepass")
        sender.send(target.sender, what, "get", f"{urlsplit(form.action).path}?{asked}", headers=headers)
        return
    if chance.random() < 0.1:
        content, kind = hostile.multipart(chance)
        sender.post(target.sender, what, form.action, content, kind, headers)
    elif all(isinstance(value, str) for _, value in sent) and chance.random() < 0.5:
        content = hostile.urlencode(sent, errors="surrogatepass").encode()
        kind = "application/x-www-form-urlencoded"
        sender.post(target.sender, what, form.action, content, kind, headers)
    else:
        fields: dict[str, list[Any]] = {}
        for name, value in sent:
            fields.setdefault(hostile.encodable(name), []).append(
                value if not isinstance(value, str) else hostile.encodable(value)
            )
        content = encoded(fields)
        sender.post(target.sender, what, form.action, content, MULTIPART_CONTENT, headers)


def encoded(fields: dict[str, list[Any]]) -> bytes:
    """A multipart body in which a text may hold bytes that are no UTF-8."""
    lines: list[bytes] = []
    for name, values in fields.items():
        for value in values:
            head = f'Content-Disposition: form-data; name="{name}"'
            raw = value if isinstance(value, str) else None
            if raw is None:
                head += f'; filename="{value.name}"\r\nContent-Type: {value.kind}'
            content = raw.encode("utf-8", "surrogateescape") if raw is not None else value.content
            lines += [b"--BoUnDaRyStRiNg", head.encode("utf-8", "surrogateescape"), b"", content]
    return b"\r\n".join([*lines, b"--BoUnDaRyStRiNg--", b""])


def to_address(sender: Sender, page: str, person: StaffMember, chance: random.Random) -> None:
    """One hostile address: its query, its path, its cookies or its method."""
    what, kind, headers = f"GET {page}", chance.randrange(10), chance.choice(hostile.HEADERS)
    if kind < 5:
        sender.send(person, f"{what} query", "get", f"{page}?{hostile.query(chance)}", headers=headers)
    elif kind < 8:
        sender.send(person, f"{what} path", "get", hostile.path(chance, page), headers=headers)
    elif kind == 8:
        name = chance.choice((configured.SESSION_COOKIE_NAME, configured.CSRF_COOKIE_NAME, "x"))
        value = chance.choice(('"abcdefgh\\000ijk"', "\x01" * 9, "x" * 5000, "²" * 20, '"\\355\\240\\200abcdef"'))
        sender.send(person, f"{what} cookie", "get", page, headers={"Cookie": f"{name}={value}"})
    else:
        method = chance.choice(("post", "put", "patch", "delete", "options", "head", "trace"))
        sender.send(person, f"{method.upper()} {page}", method, page, headers=headers)
