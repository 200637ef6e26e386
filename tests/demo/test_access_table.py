"""Who may open what, by trying: a foreign record and none at all can't be told apart, at any address, in any role.

Each address has data that could leak: someone opens it.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from cases.models import Client
from demo.access_table import Relation, Row, restrict, rows
from demo.management.commands.access_table import nothing_leaves
from staff.access import ROLES, Permission
from staff.models import Clinic, StaffMember

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
    "reminders:kind_switch",
    "reminders:kind_times",
    "reminders:kind_wording",
}


@pytest.fixture
def demo_clinic(db: None, settings: Any, tmp_path: Path) -> Clinic:
    settings.SHOW_DEMO_LOGINS, settings.DEMO_EMAIL_DOMAIN = True, "demo.example"
    settings.DEMO_PASSWORD, settings.MAILBOX_DIR = "onward-demo-password", str(tmp_path)
    # Queries are counted by tests/demo/test_page_costs.py.
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "zeal" not in each]
    call_command("seed_demo", clients=12, stdout=io.StringIO())
    return Clinic.objects.get()


def told_apart(row: Row) -> list[str]:
    """Where the answer for someone else's record differs from the one for a record that isn't there."""
    faults = []
    for (role, relation), answer in row.answers.items():
        nothing = row.answers.get((role, Relation.NOBODY))
        far = {Relation.OTHER_CLINIC, Relation.CROSSED, Relation.RESTRICTED}
        if row.of_a_client and Permission.CLIENT_VIEW_ALL not in ROLES[role]:
            far.add(Relation.OTHER_TEAM)
        if relation in far and (answer != nothing or answer.status != 404):
            faults.append(f"{row.method} {row.name} as {role}, {relation.value}: {answer}, and nobody’s: {nothing}")
    return faults


def test_nobody_can_tell_a_foreign_record_from_none(demo_clinic: Clinic) -> None:
    before = StaffMember.objects.count(), Client.objects.count()
    faults: list[str] = []
    empty: list[str] = []
    count = 0
    with nothing_leaves():
        for row in rows(demo_clinic, every_role=False):
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
    as_values = io.StringIO()
    call_command("access_table", only=["desk:chart"], csv=True, stdout=as_values)
    assert as_values.getvalue().splitlines()[1].startswith(f"desk:chart,GET,200,200,404,{kept_out},–,404,200,404,")
