"""Returns to use through their pages: the standing, the list, the form in pieces, what was learned."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.intake import inquiries
from cases.models import Client, CopingStrategy, Relapse, SobrietyStatement, Trigger, WarningSign
from cases.panels import chart, today_learning
from cases.recovery import learning, relapses, sobriety
from staff.access import ROLES, Permission
from staff.models import Role, StaffMember
from staff.needs import Urgency
from tests import factories
from tests.reading import as_read, without_edges

D = datetime.date
MARCH = datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC)


def words(answer: object) -> str:
    return as_read(answer)


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
    assert "since Mar 6, 2026" in page
    assert "<dt>days since last use</dt><dd>4</dd>" in page
    assert "Next milestone: <strong>30 days</strong> on Apr 5, 2026" in page
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
    assert "<dt>recovery day" not in page.replace("<dt>total recovery days", "")
    assert "since last use" not in page
    assert "Next milestone" not in page
    assert f"<dt>total recovery days</dt><dd>{(D(2026, 3, 5) - D(2025, 1, 1)).days}</dd>" in page


@time_machine.travel(MARCH, tick=False)
def test_the_panel_of_the_chart(
    client_record: Client, counselor: StaffMember, administrator: StaffMember, signed_in: object
) -> None:
    relapses.record(
        client=client_record, started_on=D(2026, 3, 2), ended_on=D(2026, 3, 5), substances=["fentanyl"],
        triggers=["Payday"], coping_tried=[("Called my sister", "helped")], by=counselor,
    )  # fmt: skip
    found = chart.panel(client=client_record, staff_member=counselor, now=timezone.now())
    shown = without_edges(render_to_string(found.template, found.context))
    for said in ("Opioid tolerance is reduced", "<dd>3</dd>", "Fentanyl", "Payday", "helped 1×", "in 1 return to use"):
        assert said in shown
    assert chart.panel(client=client_record, staff_member=administrator, now=timezone.now()) is None


def new(client: Client) -> str:
    return reverse("cases:relapse_new", args=[client.pk])


def page_of(relapse: Relapse) -> str:
    return reverse("cases:relapse", args=[relapse.client_id, relapse.pk])


def test_a_return_to_use_is_told_in_pieces(client_record: Client, counselor: StaffMember, signed_in: object) -> None:
    office = signed_in(counselor)
    assert office.post(new(client_record), {"started_on": "2026-03-02"})["Location"] == listed(client_record)
    relapse = Relapse.objects.get()
    assert (relapse.is_open, relapse.is_confirmed, relapse.kind) == (True, True, "undetermined")
    sister = learning.add_strategy(client=client_record, wording="Call my sister", by=counselor)
    payday = learning.add_trigger(client=client_record, wording="Payday", by=counselor)
    office.post(
        page_of(relapse),
        {
            "started_on": "2026-03-02", "ended_on": "2026-03-05", "days_used": "2", "kind": "lapse",
            "ended_precision": "month",
            "substance_0": "heroin", "route_0": "injection", "typical_amount_0": "one bag",
            "substance_1": "alcohol", "situations": ["urges"], "primary_situation": "conflict",
            "known_triggers": [payday.pk], "new_triggers": "payday\nA row with my brother\n\n",
            "new_signs": "Stopped answering the phone", f"coping_{sister.pk}": "partly",
            "new_coping_0": "Went for a walk", "new_outcome_0": "helped", "injected": "yes", "used_alone": "no",
            "abstinence_violation": "on", "learned": "I answer the phone.", "told_of_tolerance": "on",
        },
    )  # fmt: skip
    relapse.refresh_from_db()
    assert [(each.substance, each.route) for each in relapse.substances.all()] == [
        ("heroin", "injection"), ("alcohol", ""),
    ]  # fmt: skip
    assert set(relapse.situations) == {"urges", "conflict"}
    assert {trigger.wording for trigger in relapse.triggers.all()} == {"Payday", "A row with my brother"}
    assert Trigger.objects.count() == 2
    assert {(each.strategy.wording, each.outcome) for each in relapse.coping.all()} == {
        ("Call my sister", "partly"), ("Went for a walk", "helped"),
    }  # fmt: skip
    assert (relapse.injected, relapse.used_alone, relapse.naloxone_given) == (True, False, None)
    assert relapse.tolerance_warned_by == counselor
    again = words(office.get(page_of(relapse)))
    for said in (
        "one bag",
        "I answer the phone.",
        "A row with my brother",
        '<option value="3" selected>March</option>',
        "was warned</strong> by",
    ):
        assert said in again
    page = words(office.get(listed(client_record)))
    for said in (
        "Mar 2, 2026 to about Mar 2026",
        "Heroin",
        "(injected)",
        "2 days of use",
        "Tolerance warning given",
    ):
        assert said in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ended_on": "2026-03-01"}, "can’t be before the first"),
        ({"ended_on": "2026-03-03", "days_used": "5"}, "more than the days from first"),
        ({"started_on": "2030-01-01"}, "in the future"),
        ({"started_on": ""}, "Your entries are still here"),
        ({"substance_1": "heroin"}, "Heroin is listed twice"),
        ({"new_coping_0": "Prayed"}, "Choose the result"),
        ({"new_triggers": "x" * 201}, "Keep each line"),
        ({"days_used": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_was_typed_is_kept_when_it_is_refused(
    wrong: dict, sentence: str, client_record: Client, counselor: StaffMember, signed_in: object
) -> None:
    typed = {"started_on": "2026-03-02", "substance_0": "heroin", "learned": "Not to go there alone", "injected": "no"}
    with time_machine.travel(MARCH, tick=False):
        answer = signed_in(counselor).post(new(client_record), {**typed, **wrong})
    assert answer.status_code == 422
    page = words(answer)
    assert sentence in page
    assert "Not to go there alone" in page
    assert '<option value="heroin" selected>' in page
    assert not Relapse.objects.exists()


def test_a_form_sent_twice_is_one_return_to_use(
    client_record: Client, counselor: StaffMember, signed_in: object
) -> None:
    office = signed_in(counselor)
    for _ in range(2):
        answer = office.post(new(client_record), {"started_on": "2026-03-02"})
    assert "already on record" in as_read(answer)
    assert Relapse.objects.count() == 1


def test_on_the_way_in_the_assessment_comes_next(
    client_record: Client, intake: StaffMember, counselor: StaffMember, signed_in: object
) -> None:
    inquiry = inquiries.take(by=intake, given_name="Robin")
    inquiries.link(inquiry=inquiry, client=client_record, assigned_to=counselor, by=intake)
    url = f"{new(client_record)}?inquiry={inquiry.pk}"
    assert "continue to assessment" in as_read(signed_in(intake).get(url))
    there = signed_in(intake).post(url, {"started_on": "2026-03-02"})["Location"]
    assert there.startswith((f"/clients/{client_record.pk}/assessments/new/?inquiry=", f"/inquiries/{inquiry.pk}/"))
    other = inquiries.take(by=intake, given_name="Somebody")
    url = f"{new(client_record)}?inquiry={other.pk}"
    answer = signed_in(intake).post(url, {"started_on": "2026-03-03"})
    assert answer["Location"] == listed(client_record)


@time_machine.travel(MARCH, tick=False)
def test_use_ends_and_the_day_is_checked(client_record: Client, counselor: StaffMember, signed_in: object) -> None:
    relapse = relapses.record(client=client_record, started_on=D(2026, 3, 5), by=counselor)
    office, close = signed_in(counselor), reverse("cases:relapse_close", args=[client_record.pk, relapse.pk])
    assert office.get(close).status_code == 405
    assert "can’t be before" in as_read(office.post(close, {"ended_on": "2026-03-01"}, follow=True))
    assert "as a date" in as_read(office.post(close, {"ended_on": ""}, follow=True))
    office.post(close, {"ended_on": "2026-03-07"})
    relapse.refresh_from_db()
    assert relapse.ended_on == D(2026, 3, 7)


def test_the_danger_of_lost_tolerance_is_told_once_and_signed(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: object
) -> None:
    relapse = relapses.record(client=client_record, started_on=D(2026, 3, 5), substances=["fentanyl"], by=counselor)
    warned = reverse("cases:relapse_warn", args=[client_record.pk, relapse.pk])
    office = signed_in(counselor)
    assert "I warned Robin" in words(office.get(listed(client_record)))
    office.post(warned)
    signed_in(supervisor).post(warned)
    relapse.refresh_from_db()
    assert relapse.tolerance_warned_by == counselor
    page = words(office.get(listed(client_record)))
    assert "I warned Robin" not in page
    assert f"Tolerance warning given by {counselor}" in page


@time_machine.travel(MARCH, tick=False)
def test_dates_known_to_the_month_say_about(client_record: Client, counselor: StaffMember, signed_in: object) -> None:
    relapses.record(
        client=client_record, started_on=D(2026, 1, 1), started_precision="month", ended_on=D(2026, 2, 10),
        ended_precision="month", by=counselor,
    )  # fmt: skip
    page = words(signed_in(counselor).get(listed(client_record)))
    for said in ("about Jan 2026 to about Feb 2026", "<small>about</small> 26", "since about Feb 2026"):
        assert said in page
    assert "Next milestone" not in page
    assert "Feb 10" not in page


@time_machine.travel(MARCH, tick=False)
def test_a_sobriety_date_is_stated_and_its_history_kept(
    client_record: Client, counselor: StaffMember, signed_in: object
) -> None:
    office, url = signed_in(counselor), reverse("cases:state_sobriety_date", args=[client_record.pk])
    refused = office.post(url, {"sobriety_date": "2026-03-10"})
    assert refused.status_code == 422
    assert "in the future" in as_read(refused)
    assert 'value="2026-03-10"' in as_read(refused)
    for day in ("2026-01-05", "2026-02-01"):
        office.post(url, {"sobriety_date": day})
    assert SobrietyStatement.objects.filter(client=client_record).count() == 2
    page = words(office.get(listed(client_record)))
    assert "since Feb 1, 2026 (as stated)" in page
    assert "Jan 5, 2026" in page


def test_what_was_learned_is_added_and_turned(client_record: Client, counselor: StaffMember, signed_in: object) -> None:
    office = signed_in(counselor)

    def add(kind: str, **typed: str) -> object:
        url = reverse("cases:learned_add", args=[client_record.pk, kind])
        return office.post(url, {f"{kind}-{name}": value for name, value in typed.items()})

    add("trigger", wording="Payday", situation="urges", strength="8")
    add("trigger", wording=" payday ")
    add("sign", wording="Not sleeping", category="body")
    assert add("strategy", wording="Call my sister")["Location"] == f"{listed(client_record)}#learned"
    trigger = Trigger.objects.get()
    assert (trigger.strength, trigger.situation) == (8, "urges")
    assert WarningSign.objects.get().category == "body"
    refused = add("trigger", wording="A long word", strength="11")
    assert refused.status_code == 422
    assert "A long word" in as_read(refused)
    assert add("secret", wording="x").status_code == 404
    strategy = CopingStrategy.objects.get()
    turn = reverse("cases:learned_turn", args=[client_record.pk, "strategy", strategy.pk])
    office.post(turn)
    assert "no longer current since" in words(office.get(listed(client_record)))
    office.post(turn, {"still_true": "1"})
    strategy.refresh_from_db()
    assert strategy.no_longer_true_since is None


def test_who_may_see_and_who_may_record(
    client_record: Client, counselor: StaffMember, intake: StaffMember, administrator: StaffMember,
    privacy_officer: StaffMember, other_clinic: object, make_staff: object, signed_in: object,
) -> None:  # fmt: skip
    relapse = relapses.record(
        client=client_record, started_on=D(2026, 3, 5), learned="Not alone", substances=["heroin"], by=counselor
    )
    trigger = learning.add_trigger(client=client_record, wording="Payday", by=counselor)
    args = [client_record.pk, relapse.pk]
    posts = [
        reverse("cases:relapse_close", args=args),
        reverse("cases:relapse_warn", args=args),
        reverse("cases:state_sobriety_date", args=[client_record.pk]),
        reverse("cases:learned_add", args=[client_record.pk, "trigger"]),
        reverse("cases:learned_turn", args=[client_record.pk, "trigger", trigger.pk]),
    ]
    gets = [listed(client_record), new(client_record), page_of(relapse)]
    elsewhere = factories.StaffMemberFactory(clinic=other_clinic, role=Role.SUPERVISOR)
    for nobody, status in (
        (elsewhere, 404), (make_staff(Role.COUNSELOR), 404), (administrator, 403), (privacy_officer, 403),
    ):  # fmt: skip
        browser = signed_in(nobody)
        assert [browser.get(url).status_code for url in gets] == [status] * 3
        assert [browser.post(url, {"ended_on": "2026-03-06"}).status_code for url in posts] == [status] * 5
        assert browser.post(page_of(relapse), {"started_on": "2026-03-01"}).status_code == status
    relapse.refresh_from_db()
    trigger.refresh_from_db()
    assert (relapse.is_open, relapse.tolerance_warned_at, trigger.no_longer_true_since) == (True, None, None)
    assert signed_in(intake).post(new(client_record), {"started_on": "2026-03-01"}).status_code == 302
    stranger = factories.ClientFactory(clinic=client_record.clinic)
    assert signed_in(intake).get(reverse("cases:relapse", args=[stranger.pk, relapse.pk])).status_code == 404


def test_who_may_only_look_reads_the_page_and_changes_nothing(
    client_record: Client, counselor: StaffMember, medical: StaffMember, signed_in: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    relapse = relapses.record(client=client_record, started_on=D(2026, 3, 5), learned="Not alone", by=counselor)
    monkeypatch.setitem(ROLES, Role.MEDICAL, ROLES[Role.MEDICAL] - {Permission.RELAPSE_RECORD})
    page = words(signed_in(medical).get(page_of(relapse)))
    assert "Not alone" in page
    assert '<fieldset class="return-form__whole" disabled>' in page
    assert signed_in(medical).post(page_of(relapse), {"started_on": "2026-03-01"}).status_code == 403
    assert "Record a return to use" not in words(signed_in(medical).get(listed(client_record)))


def queries(browser: object, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


def test_the_page_costs_the_same_with_one_return_and_with_three(
    client_record: Client, counselor: StaffMember, signed_in: object
) -> None:
    def add(day: int) -> None:
        relapses.record(
            client=client_record, started_on=D(2026, 3, day), ended_on=D(2026, 3, day),
            substances=["heroin", "alcohol"],
            triggers=[f"Trigger {day}"], warning_signs=[f"Sign {day}"], coping_tried=[(f"Walk {day}", "helped")],
            by=counselor,
        )  # fmt: skip

    office = signed_in(counselor)
    office.get(listed(client_record))
    add(1)
    one = queries(office, listed(client_record))
    form = queries(office, new(client_record))
    add(2)
    add(3)
    assert queries(office, listed(client_record)) == one
    assert queries(office, new(client_record)) == form


@time_machine.travel(MARCH, tick=False)
def test_today_asks_about_use_that_goes_on_and_about_lost_tolerance(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, make_client: object
) -> None:
    def needed(who: StaffMember) -> list[tuple[str, str]]:
        return [(need.title, need.client_name) for need in today_learning.needs(staff_member=who, now=timezone.now())]

    recent = relapses.record(client=client_record, started_on=D(2026, 3, 4), by=counselor)
    assert needed(counselor) == []
    relapses.amend(relapse=recent, started_on=D(2026, 3, 1), by=counselor)
    assert needed(counselor) == [("Check in", "Robin Sample")]
    assert needed(supervisor) == []  # not on their care team, though they may see the chart
    other = make_client(given_name="Kim", family_name="Example")
    factories.CareTeamMemberFactory(client=other, staff_member=counselor)
    opioid = relapses.record(
        client=other, started_on=D(2026, 3, 7), ended_on=D(2026, 3, 7), substances=["heroin"], by=counselor
    )
    first = today_learning.needs(staff_member=counselor, now=timezone.now())[0]
    assert (first.urgency, first.client_name) == (Urgency.NOW, "Kim Example")
    with CaptureQueriesContext(connection) as captured:
        assert len(needed(counselor)) == 2
    assert len(captured) <= 2
    relapses.warn_of_tolerance(relapse=opioid, by=counselor)
    relapses.close(relapse=recent, ended_on=D(2026, 3, 8), by=counselor)
    assert needed(counselor) == []
