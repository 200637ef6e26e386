"""Who may open what, by trying: a foreign record and none at all can't be told apart, at any address, in any role.

Each address has data that could leak: someone opens it. So do the pages of the administration: a list that is asked for
one row shows none, and a form or history leads back to the start.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.core.management import call_command
from django.db import transaction
from django.test.utils import override_settings

from cases.models import Client
from demo.access_table import Answer, Relation, Row, restrict, rows
from demo.addresses import OURS, administration
from demo.management.commands.access_table import nothing_leaves
from staff.access import ROLES, Permission
from staff.models import Clinic, StaffMember
from tests import demo_clinic as demo_clinic_for_tests

# Posted without a form they say that there is no such thing, to whoever sends it: what is missing is a row.
NEED_FIELDS = {
    "counseling:carry_over_decide",
    "appointments:cancel_series",
    "appointments:inquiry_step",
    "appointments:step",
    "cases:inquiry_link",
    "cases:learned_join",
    "groups:join",
    "groups:mentor_step",
    "referrals:guide_stage",
    "referrals:meeting_same",
    "referrals:run_file",  # or a list that waits: tests/referrals/test_held_list.py, with a stranger's look at one
    "reminders:kind_switch",
    "reminders:kind_times",
    "reminders:kind_wording",
}


NOT_ADDED_THERE = {
    "admin:staff_staffmember_add",  # leads to the page that invites
    "admin:staff_clinic_add",  # a clinic comes with the installation
}


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Clinic]:
    """One demo clinic for all tests of the module; nothing of it remains."""
    shown = override_settings(
        SHOW_DEMO_LOGINS=True,
        DEMO_EMAIL_DOMAIN="demo.example",
        DEMO_PASSWORD="onward-demo-password",
        MAILBOX_DIR=str(tmp_path_factory.mktemp("mailbox")),
        # Queries are counted by tests/demo/test_page_costs.py.
        MIDDLEWARE=[each for each in settings.MIDDLEWARE if "zeal" not in each],
    )
    with django_db_blocker.unblock(), shown, transaction.atomic():
        yield demo_clinic_for_tests.make(12, shared=demo_clinic_for_tests.shared_by_processes(tmp_path_factory))
        transaction.set_rollback(True)


@pytest.fixture
def demo_clinic(seeded: Clinic, db: None, monkeypatch: Any) -> Clinic:
    """Thousands of requests by the same seventy people: each is read once, and no page's context is kept."""
    read: dict[int, StaffMember] = {}

    def get_user(_: ModelBackend, number: int) -> StaffMember:
        if number not in read:
            read[number] = StaffMember.objects.get(pk=number)
        return copy.copy(read[number])

    monkeypatch.setattr(ModelBackend, "get_user", get_user)
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)
    return seeded


def told_apart(row: Row) -> list[str]:
    """Where the answer for someone else's record differs from the one for a record that isn't there."""
    faults = []
    for (role, relation), answer in row.answers.items():
        nothing = row.answers.get((role, Relation.NOBODY))
        far = {Relation.OTHER_CLINIC, Relation.CROSSED, Relation.RESTRICTED}
        if row.of_a_client and Permission.CLIENT_VIEW_ALL not in ROLES[role]:
            far.add(Relation.OTHER_TEAM)
        if row.is_administration:
            is_refused = answer.status in (302, 403) or (answer.status, answer.listed) == (200, 0)
        else:
            is_refused = answer.status == 404
        if relation in far and not (answer == nothing and is_refused):
            faults.append(f"{row.method} {row.name} as {role}, {relation.value}: {answer}, and nobody’s: {nothing}")
    return faults


def against_the_roles(row: Row) -> list[str]:
    """In the administration, where no view says what it requires: what opens for a role that may not, or doesn't."""
    faults = []
    for (role, relation), answer in row.answers.items():
        may = bool(row.permissions) and row.may_try(role)  # most rows are added and deleted nowhere here
        if row.is_administration and relation == Relation.OWN and not may and answer.status != 403:
            faults.append(f"{row.name} as {role}, who may not: {answer}")
    return faults


def opens_for_nobody(row: Row, near: list[Answer]) -> bool:
    """Whether no one sees the row in the administration, so that nothing could leak there."""
    if not row.permissions or row.name in NOT_ADDED_THERE:
        return False
    return not any(answer.status == 200 and answer.listed != 0 for answer in near)


def test_nobody_can_tell_a_foreign_record_from_none(demo_clinic: Clinic) -> None:
    before = StaffMember.objects.count(), Client.objects.count()
    faults: list[str] = []
    empty: list[str] = []
    count = 0
    with nothing_leaves():
        for row in rows(demo_clinic, names={name for _, name, _ in OURS}, every_role=False):
            count += 1
            faults += told_apart(row)
            near = [answer for (_, relation), answer in row.answers.items() if relation == Relation.OWN]
            if row.of_a_record and all(answer.status == 404 for answer in near) and row.name not in NEED_FIELDS:
                empty.append(f"{row.method} {row.name}")
            if row.name != "health_jobs":  # which says that nobody sends: it is so
                faults += [f"{row.method} {row.name}: {answer}" for answer in near if answer.status >= 500]
    assert count > 200
    assert not faults, "\n".join(faults)
    assert not empty, f"Nothing could leak there, as nobody opens them: {empty}"
    assert before == (StaffMember.objects.count(), Client.objects.count())


def test_no_page_of_the_administration_tells_a_foreign_row_from_none(demo_clinic: Clinic) -> None:
    faults: list[str] = []
    empty: list[str] = []
    of_clients = count = 0
    with nothing_leaves():
        for row in rows(demo_clinic, names={name for _, name, _ in administration()}, every_role=False):
            count += 1
            of_clients += row.of_a_client
            faults += told_apart(row) + against_the_roles(row)
            near = [answer for (_, relation), answer in row.answers.items() if relation == Relation.OWN]
            faults += [f"{row.name}: {answer}" for answer in near if answer.status >= 500]
            if opens_for_nobody(row, near):
                empty.append(row.name)
    assert count == len(admin.site._registry) * 5
    assert of_clients > 100
    assert not faults, "\n".join(faults)
    assert not empty, f"Nothing could leak there, as nobody opens them: {empty}"


def test_the_command_prints_a_row_for_each_address_and_keeps_nothing(demo_clinic: Clinic) -> None:
    before = StaffMember.objects.count()
    printed = io.StringIO()
    call_command("access_table", only=["desk:chart", "privacy:disclosure_new", "privacy:access_log"], stdout=printed)
    lines = printed.getvalue().splitlines()
    [chart] = [line for line in lines if line.startswith("| desk:chart | GET")]
    cells = [each.strip() for each in chart.strip("|").split(" | ")]
    kept_out = "404" if restrict() else "–"
    sees_all, own_team = f"200 / 200 / 404 / {kept_out} / – / 404", f"200 / 404 / 404 / {kept_out} / – / 404"
    assert cells[2:] == [sees_all, own_team, sees_all, sees_all, "403", sees_all]
    [log] = [line for line in lines if line.startswith("| privacy:access_log | GET")]
    assert log == "| privacy:access_log | GET | 403 | 403 | 403 | 403 | 403 | 200 |"
    assert StaffMember.objects.count() == before
    form = "admin:counseling_sessionnote_change"
    listed = "admin:counseling_sessionnote_changelist"
    call_command("access_table", only=[form, listed], stdout=printed)
    away, none = "302 → /admin/", "200, 0 rows"
    printed_rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in printed.getvalue().splitlines()]
    cells_of = {cells[0]: cells[2:] for cells in printed_rows}
    own = f"200 / {away} / {away} / {away} / – / {away}"
    sees = f"200 / 200 / {away} / {away} / – / {away}"
    assert cells_of[form] == ["403", own, sees, sees, "403", "403"]
    own = f"200, 1 row / {none} / {none} / {none} / – / {none}"
    sees = f"200, 1 row / 200, 1 row / {none} / {none} / – / {none}"
    assert cells_of[listed] == ["403", own, sees, sees, "403", "403"]
    as_values = io.StringIO()
    call_command("access_table", only=["desk:chart"], csv=True, stdout=as_values)
    assert as_values.getvalue().splitlines()[1].startswith(f"desk:chart,GET,200,200,404,{kept_out},–,404,200,404,")
