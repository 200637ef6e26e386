"""Returns to use through their pages: the standing, the list, the form in pieces, what was learned."""

import datetime

import time_machine
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from cases import chart, relapses, sobriety
from cases.models import Client
from staff.models import StaffMember

D = datetime.date
MARCH = datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)


def words(answer: object) -> str:
    return " ".join(answer.content.decode().split())


def listed(client: Client) -> str:
    return reverse("cases:relapses", args=[client.pk])


@time_machine.travel(MARCH, tick=False)
def test_two_lapses_in_a_week_are_shown_as_three_recovery_days(
    client_record: Client, counselor: StaffMember, signed_in: object
) -> None:
    for day in (D(2026, 3, 2), D(2026, 3, 5)):
        relapses.record(client=client_record, started_on=day, ended_on=day, days_used=1, kind="lapse", by=counselor)
    page = words(signed_in(counselor).get(listed(client_record)))
    assert "<dt>recovery days</dt><dd>3</dd>" in page
    assert "since 6 Mar 2026" in page
    assert "<dt>days since last use</dt><dd>4</dd>" in page
    assert "Next milestone: <strong>30 days</strong> on 5 Apr 2026" in page
    assert page.count('class="ow-card return"') == 2
    assert "reset" not in page.lower().replace("password/reset", "")


@time_machine.travel(MARCH, tick=False)
def test_somebody_who_uses_has_no_counters_but_keeps_what_was_lived(
    client_record: Client, counselor: StaffMember, signed_in: object
) -> None:
    sobriety.state(client=client_record, sobriety_date=D(2025, 1, 1), by=counselor)
    relapses.record(client=client_record, started_on=D(2026, 3, 5), by=counselor)
    page = words(signed_in(counselor).get(listed(client_record)))
    assert "Currently using" in page
    assert "<dt>recovery day" not in page.replace("<dt>recovery days in all", "")
    assert "since last use" not in page
    assert "Next milestone" not in page
    assert f"<dt>recovery days in all</dt><dd>{(D(2026, 3, 5) - D(2025, 1, 1)).days}</dd>" in page


@time_machine.travel(MARCH, tick=False)
def test_the_panel_of_the_chart(
    client_record: Client, counselor: StaffMember, administrator: StaffMember, signed_in: object
) -> None:
    relapses.record(
        client=client_record, started_on=D(2026, 3, 2), ended_on=D(2026, 3, 5), substances=["fentanyl"],
        triggers=["Payday"], coping_tried=[("Called my sister", "helped")], by=counselor,
    )  # fmt: skip
    found = chart.panel(client=client_record, staff_member=counselor, now=timezone.now())
    shown = " ".join(render_to_string(found.template, found.context).split())
    for said in ("Opioid tolerance is lost", "<dd>3</dd>", "Fentanyl", "Payday", "helped 1×", "in 1 return to use"):
        assert said in shown
    assert chart.panel(client=client_record, staff_member=administrator, now=timezone.now()) is None
