"""Whom a client restricted gets, on every page, the answer for somebody who isn't there (45 CFR 164.522(a)).

The demo clinic has data that could leak: the client has notes, groups, appointments, calls, reminders and a merged
record. Each page is opened by somebody of each role before and after the restriction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from cases.people import restrictions
from demo.examples import BY_ROUTE, FOR_SCRIPTS, QUERIES, examples, names_in, parts_of
from staff.access import ROLES
from staff.models import Clinic, Role, StaffMember
from tests.house.test_urls import OURS

ENOUGH = 21  # pages that tell of the client
GIVEN, FAMILY, NUMBER = "Zebulonia", "Quixworthy", "5185550177"
NOBODY = 99_999_999


@pytest.mark.django_db
def test_no_page_tells_a_restricted_person_that_the_client_exists(
    settings: Any, make_demo: Callable[[int], Clinic]
) -> None:
    # Queries are counted by tests/demo/test_page_costs.py.
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "zeal" not in each]
    clinic = make_demo(60)
    known = examples(clinic)
    client: Client = known["client_id"]
    parts = {each for route, *_ in OURS for each in names_in(route)} | set(BY_ROUTE.values())
    rows = {**dict.fromkeys(parts, 1), **known}
    Client.objects.filter(pk=client.pk).update(given_name=GIVEN, family_name=FAMILY, preferred_name="")
    others = StaffMember.objects.filter(clinic=clinic).exclude(pk=known["colleague_id"].pk)  # whose emergency runs
    people = [others.filter(role=role).earliest("pk") for role in Role.values]
    keeper = StaffMember.objects.create_user(
        "keeper@demo.example", clinic=clinic, given_name="Kee", family_name="Per", role=Role.PRIVACY_OFFICER
    )
    told = {each: list(islice(telling(each, client, rows), ENOUGH)) for each in people if sees(each)}
    # before: there is something to tell, or the test shows nothing
    assert {each.role for each, pages in told.items() if len(pages) < ENOUGH} == set()
    for each in people:
        if not restrictions.is_kept_from(client=client, staff_member=each):
            restrictions.restrict(client=client, staff_member=each, reason="Not my cousin who works here", by=keeper)
    after = [f"{each.role}: {what}" for each in people for what in telling(each, client, rows)]
    assert not after, "\n".join(after)
    # Every role is tried in test_access_table.py; these wrote most of the rows, and may no longer see them.
    wrote = [each for each in people if each.role in (Role.SUPERVISOR, Role.PRIVACY_OFFICER)]
    assert known["note_id"].author in wrote
    assert known["report_id"].given_by in wrote
    answers = [fault for each in wrote for fault in unlike_nobody(each, client, rows, OURS)]
    assert not answers, "\n".join(answers)
    assert any(telling(keeper, client, rows))  # who keeps the restriction still sees them


def sees(person: StaffMember) -> bool:
    """Whether somebody of this role sees the clinic's clients at all."""
    return person.role not in (Role.ADMINISTRATOR, Role.COUNSELOR)


def browser_of(person: StaffMember) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def addresses(person: StaffMember, rows: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every address that the role may open, with this client's rows in it."""
    for route, name, pattern in OURS:
        if set(pattern.callback.permissions) <= ROLES[person.role] and name not in FOR_SCRIPTS and name != "mailbox":
            yield name, reverse(name, kwargs=parts_of(route, name, rows)) + QUERIES.get(name, "")


def telling(person: StaffMember, client: Client, rows: dict[str, Any]) -> Iterator[str]:
    """Every page, list, search, export and suggestion that names the client or leads to them."""
    browser = browser_of(person)
    marks = [GIVEN, FAMILY, f"{GIVEN} {FAMILY[0]}.", f"/clients/{client.pk}/"]
    asked = [url for _, url in addresses(person, rows)]
    asked += [f"{reverse('cases:client_suggest')}?q={FAMILY[:4]}"]
    asked += [f"{reverse('cases:clients')}?q={FAMILY}", f"{reverse('cases:clients')}?q={client.pk}"]
    asked += [f"{reverse('cases:clients')}?q={NUMBER}"]
    asked += administration(person, client)
    for url in asked:
        answer = browser.get(url)
        if answer.status_code >= 500 and not url.startswith("/health/"):
            yield f"{url}: {answer.status_code}"
        if answer.status_code in (200, 302, 422):
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = body.decode(errors="replace") + answer.get("Location", "")
            if "?q=" in url:
                text = text.replace(f'value="{FAMILY}"', "")
            own = url.partition("?")[0]
            found = [mark for mark in marks if mark in text.replace(own, "")]
            asked_back = "q=" in url or url == reverse("privacy:list_log")  # what was typed, not what was found
            if found and not (asked_back and found == [FAMILY]):
                yield f"{url}: {found}"


def administration(person: StaffMember, client: Client) -> list[str]:
    from django.contrib import admin

    if not person.is_staff:
        StaffMember.objects.filter(pk=person.pk).update(is_staff=True)
    found = []
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{name}_changelist"))
    return [*found, reverse("admin:cases_client_change", args=[client.pk])]


def unlike_nobody(
    person: StaffMember, client: Client, rows: dict[str, Any], tried: Iterable[tuple[str, str, Any]]
) -> Iterator[str]:
    """Of these addresses those with a client in them whose answer is another than for a number which nobody has."""
    browser = browser_of(person)
    for route, name, pattern in tried:
        if "client_id" not in names_in(route) or not set(pattern.callback.permissions) <= ROLES[person.role]:
            continue
        for method in ("get", "post"):
            parts = parts_of(route, name, rows)
            if parts["client_id"] != client.pk:
                parts["client_id"] = client.pk
            here = getattr(browser, method)(reverse(name, kwargs=parts))
            nobody = getattr(browser, method)(reverse(name, kwargs=parts | {"client_id": NOBODY}))
            if (here.status_code, plain(here, client.pk)) != (nobody.status_code, plain(nobody, NOBODY)):
                yield f"{person.role} {method} {reverse(name, kwargs=parts)}: {here.status_code}, {nobody.status_code}"


def plain(answer: Any, number: int) -> str:
    """The page without what differs from one request to the next."""
    text = answer.content.decode() + answer.get("Location", "")
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "token", text.replace(f"/clients/{number}/", "/clients/N/"))
