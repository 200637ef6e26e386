"""The breach register (45 CFR 164.400–414, 42 CFR 2.16(b)): its clocks, its steps, and who may read it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from cases import merging
from privacy import breach_clocks, breaches, today
from privacy.models import Breach, BreachClient, BreachNotice, BreachStep
from staff.models import ClinicThreshold, Role
from staff.refusals import NotPermitted, Refusal
from staff.typed_days import StillAhead
from tests import factories
from tests.ownership import as_owner

DISCOVERED = datetime.date(2026, 3, 2)
DUE = datetime.date(2026, 5, 1)  # 60 days later
DAY = datetime.timedelta(days=1)
FACTORS = {
    "nature": "Names and dates of visits of two people",
    "whom": "A stranger who has no duty to keep it confidential",
    "viewed": "The letter was opened and read",
    "mitigated": "Returned; nothing promised in writing",
}
REPORT = {
    "discovered_on": DISCOVERED,
    "what_happened": "A letter with a name in it went to the wrong address",
    "information": "Name, dates of visits",
}


@pytest.fixture(autouse=True)
def _march(time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 10, 17, 0, tzinfo=datetime.UTC), tick=False)


@pytest.fixture
def breach(privacy_officer):
    return breaches.report(by=privacy_officer, **REPORT)


def clocks(breach: Breach) -> dict[str, breach_clocks.Clock]:
    row = Breach.objects.with_standing(breach.recorded_by).get(pk=breach.pk)
    return {each.whom.name: each for each in breach_clocks.clocks(row, days=breach_clocks.days_for(breach.clinic))}


def needs_of(person: Any) -> list[Any]:
    return [each for each in today.needs(staff_member=person, now=timezone.now()) if each.kind == "Breaches"]


def decide(breach: Breach, by: Any, decision: str = "breach") -> None:
    breaches.assess(breach=breach, decision=decision, by=by, **FACTORS)


def affect(breach: Breach, by: Any, count: int, **fields: Any) -> list[BreachClient]:
    people = [factories.ClientFactory(clinic=breach.clinic, **fields) for _ in range(count)]
    return breaches.add_clients(breach=breach, numbers=[each.pk for each in people], by=by)


def test_it_is_presumed_a_breach_until_all_four_factors_are_assessed(breach, privacy_officer):
    assert set(clocks(breach)) == {"ASSESS", "PEOPLE", "HHS"}
    assert clocks(breach)["PEOPLE"].due_on == DUE
    [need] = needs_of(privacy_officer)
    assert (need.title, need.due) == (f"Assess the risk: breach No. {breach.pk}", DUE)
    for factor in FACTORS:
        with pytest.raises(breaches.DescribeFactors) as refusal:
            breaches.assess(breach=breach, decision="low", by=privacy_officer, **{**FACTORS, factor: "n/a"})
        assert refusal.value.field == factor
    decide(breach, privacy_officer, "low")
    assert clocks(breach) == {}
    assert needs_of(privacy_officer) == []
    decide(breach, privacy_officer, "breach")  # more was found: the last assessment counts
    assert set(clocks(breach)) == {"PEOPLE", "HHS"}
    assert breach.assessments.count() == 2


@pytest.mark.parametrize(
    ("count", "others", "media", "hhs_on"),
    [
        (1, 0, False, datetime.date(2027, 3, 1)),
        (2, 497, False, datetime.date(2027, 3, 1)),
        (2, 498, False, DUE),  # 500 people: HHS at once; the media only for more than 500
        (2, 499, True, DUE),
    ],
)
def test_whom_to_notify_and_until_when(breach, privacy_officer, count, others, media, hhs_on):
    affect(breach, privacy_officer, count)
    if others:
        breaches.count_others(breach=breach, number=others, note="", by=privacy_officer)
    decide(breach, privacy_officer)
    found = clocks(breach)
    assert ("MEDIA" in found) is media
    assert found["HHS"].due_on == hhs_on
    assert found["PEOPLE"].due_on == DUE
    if media:
        assert found["MEDIA"].due_on == DUE


def test_the_media_count_residents_of_one_state(breach, privacy_officer, monkeypatch):
    monkeypatch.setattr(breach_clocks, "MANY", 2)
    affect(breach, privacy_officer, 2, state="NY")
    affect(breach, privacy_officer, 2, state="VT")
    decide(breach, privacy_officer)
    assert "MEDIA" not in clocks(breach)
    affect(breach, privacy_officer, 1, state="")  # may live in either
    assert "MEDIA" in clocks(breach)


def test_sixty_days_after_the_end_of_the_year_in_a_leap_year(privacy_officer, time_machine):
    time_machine.move_to(datetime.datetime(2027, 12, 31, 20, 0, tzinfo=datetime.UTC), tick=False)
    made = breaches.report(by=privacy_officer, **{**REPORT, "discovered_on": datetime.date(2027, 12, 31)})
    assert clocks(made)["HHS"].due_on == datetime.date(2028, 2, 29)


def test_a_clinic_may_have_fewer_days_and_none_has_more(breach, privacy_officer):
    ClinicThreshold.objects.create(clinic=breach.clinic, key="privacy.breach_notice_days", value=30)
    assert clocks(breach)["PEOPLE"].due_on == DISCOVERED + 30 * DAY
    assert breach_clocks.BREACH_NOTICE_DAYS.highest == 60


def test_each_notice_stops_its_clock_and_someone_added_later_starts_it_again(breach, privacy_officer):
    one, _ = affect(breach, privacy_officer, 2)
    breaches.count_others(breach=breach, number=3, note="Relatives in the letters", by=privacy_officer)
    decide(breach, privacy_officer)
    assert needs_of(privacy_officer)[0].title.startswith("Notify 5 people")
    sent = {"breach": breach, "sent_on": DISCOVERED + DAY, "way": "mail", "by": privacy_officer}
    assert [each.listed for each in breaches.notify_people(listed=one, **sent)] == [one]
    assert clocks(breach)["PEOPLE"].is_open
    assert len(breaches.notify_people(**sent)) == 1  # only who had none yet
    assert clocks(breach)["PEOPLE"].title == "Notify 3 people"
    breaches.notify_people(others=3, **sent)
    assert clocks(breach)["PEOPLE"].met_on == DISCOVERED + DAY
    with pytest.raises(breaches.NotOnTheList):
        breaches.notify_people(**sent)
    breaches.notify(breach=breach, whom="hhs", on=DISCOVERED + 2 * DAY, note="Submission 4711", by=privacy_officer)
    assert needs_of(privacy_officer) == []
    affect(breach, privacy_officer, 1)
    assert [each.title[:15] for each in needs_of(privacy_officer)] == ["Notify 1 person"]
    latest = BreachClient.objects.latest("pk")
    breaches.take_off(listed=latest, reason="Another person of that name", by=privacy_officer)
    assert needs_of(privacy_officer) == []
    assert BreachClient.objects.filter(breach=breach).count() == 3  # it stays on record


def test_overdue_in_words_on_today_and_on_the_page(breach, privacy_officer, signed_in, time_machine):
    affect(breach, privacy_officer, 1)
    decide(breach, privacy_officer)
    assert "Due in 52 days (May 1, 2026)" in needs_of(privacy_officer)[0].detail
    time_machine.move_to(datetime.datetime(2026, 5, 1, 17, 0, tzinfo=datetime.UTC), tick=False)
    assert "Due today" in needs_of(privacy_officer)[0].detail
    time_machine.move_to(datetime.datetime(2026, 5, 4, 17, 0, tzinfo=datetime.UTC), tick=False)
    [people, hhs] = needs_of(privacy_officer)
    assert "3 days overdue (due May 1, 2026). Discovered Mar 2, 2026." in people.detail
    assert "Due in" in hhs.detail
    browser = signed_in(privacy_officer)
    for url in (reverse("privacy:breaches"), people.url, reverse("desk:today")):
        assert "3 days overdue" in browser.get(url).content.decode(), url
    breaches.notify_people(breach=breach, sent_on=datetime.date(2026, 5, 4), way="mail", by=privacy_officer)
    assert "3 days late" in browser.get(people.url).content.decode()


def test_law_enforcement_may_ask_to_wait(breach, privacy_officer, time_machine):
    affect(breach, privacy_officer, 1)
    decide(breach, privacy_officer)
    asked = {
        "breach": breach,
        "official": "Det. Lee Example, State Police",
        "on": DISCOVERED + DAY,
        "by": privacy_officer,
    }
    with pytest.raises(breaches.StepNeedsMore, match="30 days"):
        breaches.delay(until=DISCOVERED + 32 * DAY, in_writing=False, **asked)
    with pytest.raises(breaches.StepNeedsMore, match="official"):
        breaches.delay(until=DISCOVERED + 9 * DAY, in_writing=True, **{**asked, "official": "x"})
    breaches.delay(until=DISCOVERED + 31 * DAY, in_writing=False, **asked)
    assert clocks(breach)["PEOPLE"].due_on == DUE  # it ends before
    breaches.delay(until=DUE + 30 * DAY, in_writing=True, **asked)
    assert clocks(breach)["PEOPLE"].due_on == DUE + 31 * DAY
    time_machine.move_to(datetime.datetime(2026, 5, 10, 17, 0, tzinfo=datetime.UTC), tick=False)
    assert "Waits until May 31, 2026 for law enforcement" in needs_of(privacy_officer)[0].detail
    sent = {"breach": breach, "sent_on": DUE + 9 * DAY, "way": "mail", "by": privacy_officer}
    with pytest.raises(breaches.LawEnforcementWaits):
        breaches.notify_people(**sent)
    with pytest.raises(breaches.LawEnforcementWaits):
        breaches.notify(breach=breach, whom="hhs", on=DUE + DAY, note="Submission 4711", by=privacy_officer)
    breaches.end_delay(breach=breach, on=DUE + 9 * DAY, by=privacy_officer)
    assert clocks(breach)["PEOPLE"].due_on == DUE + 10 * DAY
    assert breaches.notify_people(**sent)


def test_what_law_enforcement_says_when_it_is_overdue_makes_it_no_less_so(breach, privacy_officer, time_machine):
    affect(breach, privacy_officer, 1)
    decide(breach, privacy_officer)
    time_machine.move_to(datetime.datetime(2026, 5, 10, 17, 0, tzinfo=datetime.UTC), tick=False)
    breaches.delay(
        breach=breach, official="Det. Lee Example, State Police", on=datetime.date(2026, 5, 9),
        until=datetime.date(2026, 6, 1), in_writing=True, by=privacy_officer,
    )  # fmt: skip
    assert clocks(breach)["PEOPLE"].due_on == DUE


def test_days_are_possible(breach, privacy_officer):
    with pytest.raises(StillAhead):
        breaches.report(by=privacy_officer, **{**REPORT, "discovered_on": datetime.date(2026, 3, 11)})
    with pytest.raises(breaches.NotDiscoveredYet):
        breaches.notify(breach=breach, whom="hhs", on=DISCOVERED - DAY, note="Submission 1", by=privacy_officer)
    with pytest.raises(IntegrityError, match="before_it_is_discovered"), transaction.atomic():
        Breach.objects.create(
            clinic=breach.clinic, discovered_on=DISCOVERED, happened_on=DISCOVERED + DAY, what_happened="x",
            information="y", recorded_at=timezone.now(), recorded_by=privacy_officer,
        )  # fmt: skip


def test_an_entry_made_in_error_stays_and_owes_nothing(breach, privacy_officer):
    breaches.mark_in_error(breach=breach, note="Recorded twice, see No. 7", by=privacy_officer)
    assert clocks(breach) == {}
    assert needs_of(privacy_officer) == []
    with pytest.raises(breaches.EnteredInError):
        breaches.add_note(breach=breach, note="Goes on anyway", by=privacy_officer)


def test_anyone_reports_and_only_the_privacy_officer_reads(
    breach, counselor, intake, supervisor, administrator, medical, privacy_officer, make_staff, other_clinic, signed_in
):
    url = reverse("privacy:breach_report")
    for person in (counselor, intake, supervisor, administrator, medical):
        browser = signed_in(person)
        assert url in browser.get(reverse("desk:today")).content.decode()
        typed = {
            "discovered_on": "2026-03-10",
            "what_happened": "A bag with three charts was stolen",
            "information": "All",
        }
        answer = browser.post(url, typed)
        assert answer["Location"] == reverse("desk:today")
        for page in (reverse("privacy:breaches"), reverse("privacy:breach", args=[breach.pk])):
            assert browser.get(page).status_code == 403
        assert needs_of(person) == []
        with pytest.raises(NotPermitted):
            decide(breach, person)
    assert len(needs_of(privacy_officer)) == 6
    theirs = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    browser = signed_in(theirs)
    assert browser.get(reverse("privacy:breach", args=[breach.pk])).status_code == 404
    assert "wrong address" not in browser.get(reverse("privacy:breaches")).content.decode()
    assert needs_of(theirs) == []
    for attempt in (
        lambda: decide(breach, theirs),
        lambda: breaches.add_clients(breach=breach, numbers=[], by=theirs),
        lambda: breaches.add_note(breach=breach, note="From elsewhere", by=theirs),
        lambda: breaches.notify_people(breach=breach, sent_on=DISCOVERED, way="mail", by=theirs),
    ):
        with pytest.raises(NotPermitted):
            attempt()


def test_another_clinics_client_is_no_one(breach, privacy_officer, other_clinic, signed_in):
    foreign = factories.ClientFactory(clinic=other_clinic, given_name="Chris", family_name="Elsewhere")
    with pytest.raises(breaches.NoSuchClient):
        breaches.add_clients(breach=breach, numbers=[foreign.pk], by=privacy_officer)
    browser, url = signed_in(privacy_officer), reverse("privacy:breach", args=[breach.pk])
    answers = [
        browser.post(url, {"do": "people", "people-numbers": str(number)}).content.decode()
        for number in (foreign.pk, 987654)
    ]
    assert all("There is no client No." in each for each in answers)
    assert "Elsewhere" not in answers[0]
    assert not BreachClient.objects.exists()


def test_the_page_carries_every_step(breach, privacy_officer, make_client, signed_in):
    browser, url = signed_in(privacy_officer), reverse("privacy:breach", args=[breach.pk])
    client = make_client(given_name="Robin", family_name="Sample")
    for typed in (
        {"do": "people", "people-numbers": f"No.{client.pk}", "people-others": "2"},
        {"do": "assess", **{f"assess-{name}": said for name, said in FACTORS.items()}, "assess-decision": "breach"},
        {"do": "delay", "delay-official": "Det. Lee Example", "delay-on": "2026-03-03", "delay-until": "2026-03-20"},
        {"do": "end_delay", "end_delay-on": "2026-03-05"},
        {
            "do": "notify",
            "notify-listed": "",
            "notify-sent_on": "2026-03-06",
            "notify-way": "mail",
            "notify-others": "2",
        },
        {"do": "authority", "authority-whom": "hhs", "authority-on": "2026-03-07", "authority-note": "Submission 4711"},
        {"do": "note", "note-note": "Told the board"},
    ):
        assert browser.post(url, typed).status_code == 302, typed
    page = browser.get(url).content.decode()
    for words in ("Robin Sample", "Notified Mar 6, 2026", "Submission 4711", "Told the board", "by word of mouth"):
        assert words in page
    assert needs_of(privacy_officer) == []
    late = browser.post(url, {"do": "notify", "notify-sent_on": "2026-03-07", "notify-way": "mail"}).content.decode()
    assert "No one on the list is left to notify" in late
    assert browser.post(url, {"do": "nothing"}).status_code == 200
    off = {"do": "off", "off-listed": BreachClient.objects.get().pk, "off-reason": "Another Robin Sample"}
    assert browser.post(url, off).status_code == 302
    assert "No clients listed yet" in browser.get(url).content.decode()


def test_the_list_is_narrowed(breach, privacy_officer, signed_in):
    decided = breaches.report(by=privacy_officer, **{**REPORT, "discovered_on": DISCOVERED + DAY})
    decide(decided, privacy_officer, "low")
    browser, url = signed_in(privacy_officer), reverse("privacy:breaches")
    for query, shown in (
        ("", {breach.pk, decided.pk}),
        ("?decision=low", {decided.pk}),
        ("?waiting=on", {breach.pk}),
        ("?since=2026-03-03", {decided.pk}),
        ("?until=2026-03-02", {breach.pk}),
    ):
        lines = browser.get(url + query).context["lines"]
        assert {each["breach"].pk for each in lines} == shown, query


def test_a_merge_takes_the_client_along_and_counts_one_person(breach, privacy_officer, supervisor, make_client):
    keep, absorb = make_client(family_name="Sample"), make_client(family_name="Sample")
    breaches.add_clients(breach=breach, numbers=[keep.pk, absorb.pk], by=privacy_officer)
    assert Breach.objects.with_standing(privacy_officer).get().people == 2
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    assert Breach.objects.with_standing(privacy_officer).get().people == 1


@pytest.mark.parametrize("table", ["breach", "breachclient", "breachnotice", "breachassessment", "breachstep"])
@pytest.mark.parametrize("sql", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET clinic_id = clinic_id + 1"])
def test_nothing_of_it_is_unmade(breach, privacy_officer, table, sql):
    affect(breach, privacy_officer, 1)
    decide(breach, privacy_officer)
    breaches.notify_people(breach=breach, sent_on=DISCOVERED, way="mail", by=privacy_officer)
    breaches.add_note(breach=breach, note="Told the board", by=privacy_officer)
    assert BreachNotice.objects.exists()
    assert BreachStep.objects.exists()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(sql.format(f"privacy_{table}"))


def test_the_database_holds_oral_statements_to_thirty_days(breach, privacy_officer):
    with pytest.raises(IntegrityError, match="30_days"), transaction.atomic():
        BreachStep.objects.create(
            clinic=breach.clinic, breach=breach, kind="delay", happened_on=DISCOVERED, until=DISCOVERED + 31 * DAY,
            official="Det. Lee", recorded_at=timezone.now(), recorded_by=privacy_officer,
        )  # fmt: skip


def test_a_report_says_something(privacy_officer):
    for what in (".", "n/a", "lost lost lost lost lost"):
        with pytest.raises(Refusal):
            breaches.report(by=privacy_officer, **{**REPORT, "what_happened": what})
