"""The list of clients costs the same, whatever the number of clients and the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Client
from cases.people import client_list
from staff.models import StaffMember

pytestmark = pytest.mark.django_db


def test_few_clients_and_many_cost_the_same(
    make_client: Callable[..., Client],
    counselor: StaffMember,
    supervisor: StaffMember,
    signed_in: Callable[[StaffMember], Browser],
) -> None:
    def asked(by: StaffMember, after: int | None = None) -> int:
        browser, url = signed_in(by), reverse("cases:clients") + (f"?after={after}" if after else "")
        browser.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    first = make_client(family_name="Aaronson")
    few = {by.role: asked(by) for by in (counselor, supervisor)}
    for number in range(client_list.PAGE + 5):
        make_client(family_name=f"Sample{number:03d}")
    assert {by.role: asked(by) for by in (counselor, supervisor)} == few
    assert max(few.values()) <= 8
    assert asked(supervisor, after=first.pk) == few[supervisor.role] + 1


def test_a_late_page_begins_where_it_stands_in_the_index(
    make_client: Callable[..., Client], supervisor: StaffMember
) -> None:
    made = [make_client(family_name="Sampleton", given_name=name) for name in ("Ann", "Ann", "Bea", "Cleo")]
    last, *_ = client_list.page(Client.objects.visible_to(supervisor), after=None).clients
    rest = client_list.page(Client.objects.visible_to(supervisor), after=made[1].pk).clients
    assert last == made[0]
    assert rest == made[2:]
