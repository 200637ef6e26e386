"""When measures are due, by level of care, derived from stays, levels and completed measures."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.episodes import admissions
from counseling import measures
from counseling.codes import CareGroup, Instrument
from counseling.instruments import FORMS
from counseling.measures import instrument_texts, measure_due, measure_schedule
from counseling.measures.measure_schedule import Rule
from counseling.models import MeasureRule
from counseling.panels import today_measures
from staff.models.clinic import Setting
from staff.refusals import NotPermitted
from tests import factories
from tests.reading import as_read

from .test_measure_pages import fake_words

pytestmark = pytest.mark.django_db
D = datetime.date
DAY = datetime.timedelta(days=1)
ADMITTED = D(2026, 3, 2)


def moment(day: D, hour: int = 12) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day, hour + 5, tzinfo=datetime.UTC)  # New York's noon in winter


@pytest.fixture(autouse=True)
def _second_of_march():
    with time_machine.travel(moment(ADMITTED), tick=False):
        yield


@pytest.fixture
def outpatient(clinic):
    return factories.ProgramFactory(clinic=clinic, name="Outpatient", level_code="1")


@pytest.fixture
def stay(client_record, outpatient, counselor):
    return admissions.admit(
        client=client_record, program=outpatient, level_of_care="1", admitted_on=ADMITTED, by=counselor
    )


def due(client, day: D) -> dict[str, str]:
    """Instrument → what is said of it on a day."""
    return {each.instrument.value: each.words for each in measure_due.of_client(client, moment(day))}


def take(client, instrument: str, day: D, by, value: int = 0, **fields: Any):
    form = FORMS[Instrument(instrument)]
    answers = {item.key: item.allowed[value] for item in form.items}
    with time_machine.travel(moment(day), tick=False):
        return measures.record(client=client, instrument=instrument, answers=answers, by=by, **fields)


def test_on_the_day_of_admission_everything_is_asked_for_with_its_own_day(client_record, stay):
    assert due(client_record, ADMITTED) == {
        "c-ssrs": "due Mar 3",
        "phq-9": "due Mar 9",
        "gad-7": "due Mar 9",
        "bam": "due Mar 16",
        "barc-10": "due Apr 1",
    }
    assert due(client_record, D(2026, 3, 9))["phq-9"] == "due today"
    assert due(client_record, D(2026, 3, 10))["phq-9"] == "overdue since Mar 9"


def test_the_next_one_counts_from_the_last(client_record, stay, counselor):
    take(client_record, "phq-9", D(2026, 3, 5), counselor)
    assert due(client_record, D(2026, 3, 6))["phq-9"] == "next on Apr 4"
    assert due(client_record, D(2026, 4, 4))["phq-9"] == "due today"
    assert due(client_record, D(2026, 4, 5))["phq-9"] == "overdue since Apr 4"
    take(client_record, "c-ssrs", D(2026, 3, 5), counselor)
    assert "c-ssrs" not in due(client_record, D(2026, 12, 1)), "once in a stay"


def test_one_that_is_incomplete_or_taken_back_was_not_taken(client_record, stay, counselor):
    with time_machine.travel(moment(D(2026, 3, 5)), tick=False):
        measures.record(client=client_record, instrument="phq-9", answers=[1] * 8, by=counselor)
    assert due(client_record, D(2026, 3, 10))["phq-9"] == "overdue since Mar 9"
    whole = take(client_record, "phq-9", D(2026, 3, 10), counselor)
    assert due(client_record, D(2026, 3, 10))["phq-9"] == "next on Apr 9"
    measures.withdraw(measure=whole, reason="Was another client", by=counselor)
    assert due(client_record, D(2026, 3, 10))["phq-9"] == "overdue since Mar 9"


def test_one_of_an_earlier_stay_does_not_count_for_this_one(client_record, stay, outpatient, counselor):
    take(client_record, "phq-9", D(2026, 3, 20), counselor)
    with time_machine.travel(moment(D(2026, 4, 1)), tick=False):
        admissions.discharge(episode=stay, discharged_on=D(2026, 4, 1), reason="completed", planned=True, by=counselor)
    assert due(client_record, D(2026, 4, 2)) == {}
    with time_machine.travel(moment(D(2026, 4, 20)), tick=False):
        admissions.admit(
            client=client_record, program=outpatient, level_of_care="1", admitted_on=D(2026, 4, 20), by=counselor
        )
    assert due(client_record, D(2026, 4, 20))["phq-9"] == "due Apr 27"


def test_stepping_down_changes_what_is_due_and_makes_nobody_late_on_that_day(client_record, clinic, counselor):
    program = factories.ProgramFactory(clinic=clinic, name="Residential", level_code="3.5", setting=Setting.RESIDENTIAL)
    episode = admissions.admit(
        client=client_record, program=program, level_of_care="3.7-WM", admitted_on=ADMITTED, by=counselor
    )
    assert due(client_record, ADMITTED) == {
        "ciwa-ar": "due today", "cows": "due today", "c-ssrs": "due Mar 3"
    }  # fmt: skip
    take(client_record, "ciwa-ar", ADMITTED, counselor)
    assert due(client_record, D(2026, 3, 3))["ciwa-ar"] == "due today"
    assert due(client_record, D(2026, 3, 4))["ciwa-ar"] == "overdue since Mar 3"
    take(client_record, "phq-9", D(2026, 3, 4), counselor)
    with time_machine.travel(moment(D(2026, 3, 9)), tick=False):
        admissions.change_level_of_care(
            episode=episode, level_of_care="3.5", starts_at=moment(D(2026, 3, 9)), reason="Stable", by=counselor
        )
    later = due(client_record, D(2026, 3, 9))
    assert "ciwa-ar" not in later
    assert later["phq-9"] == "next on Mar 18"
    assert later["gad-7"] == "due Mar 16"
    with time_machine.travel(moment(D(2026, 3, 30)), tick=False):
        admissions.change_level_of_care(
            episode=episode, level_of_care="1", starts_at=moment(D(2026, 3, 30)), reason="Home", by=counselor
        )
    assert due(client_record, D(2026, 3, 30))["phq-9"] == "next on Apr 6", "not on the day of the move"


@pytest.mark.parametrize(
    ("code", "group"),
    [("1", "outpatient"), ("1.7", "outpatient"), ("2.5 COE", "day"), ("3.1", "residential"), ("3.7", "medical"),
     ("3.7-WM", "withdrawal"), ("1-WM", "withdrawal"), ("9.9", "residential")],
)  # fmt: skip
def test_every_level_of_either_edition_belongs_to_a_group(code, group):
    assert measure_schedule.group_of(code) == group


def test_a_clinic_changes_when_something_is_due_and_takes_it_back(client_record, stay, clinic, administrator):
    rules = {Instrument.PHQ9: Rule(3, 10), Instrument.BAM: Rule(), Instrument.AUDIT: Rule(5)}
    assert measure_schedule.change(group=CareGroup.OUTPATIENT, rules=rules, by=administrator) == 3
    now = due(client_record, ADMITTED)
    assert (now["phq-9"], now["audit"]) == ("due Mar 5", "due Mar 7")
    assert "bam" not in now
    assert MeasureRule.objects.count() == 3
    default = {each: measure_schedule.default(CareGroup.OUTPATIENT, each) for each in rules}
    assert measure_schedule.change(group=CareGroup.OUTPATIENT, rules=default, by=administrator) == 3
    assert not MeasureRule.objects.exists()
    assert measure_schedule.change(group=CareGroup.OUTPATIENT, rules=default, by=administrator) == 0


def test_another_clinics_rules_are_not_ours(client_record, stay, other_clinic, make_staff):
    stranger = make_staff("administrator", clinic=other_clinic)
    measure_schedule.change(group=CareGroup.OUTPATIENT, rules={Instrument.PHQ9: Rule()}, by=stranger)
    assert "phq-9" in due(client_record, ADMITTED)


def test_only_sane_days_and_only_by_who_sets_up_measures(counselor, administrator):
    for rule in (Rule(-1), Rule(367), Rule(1, 0), Rule(1, 367)):
        with pytest.raises(measure_schedule.NotAnInterval):
            measure_schedule.change(group=CareGroup.DAY, rules={Instrument.PHQ9: rule}, by=administrator)
    with pytest.raises(NotPermitted):
        measure_schedule.change(group=CareGroup.DAY, rules={Instrument.PHQ9: Rule(1)}, by=counselor)


def test_the_page_changes_a_group_and_keeps_what_was_typed_when_it_is_refused(administrator, signed_in):
    browser = signed_in(administrator)
    page = as_read(browser.get(reverse("counseling:measure_rules")))
    assert "within 7 days" in page
    url = reverse("counseling:measure_rules_change", args=["outpatient"])
    data = {f"within_{each.value}": "" for each in Instrument} | {f"every_{each.value}": "" for each in Instrument}
    refused = browser.post(url, data | {"within_phq-9": "3", "every_gad-7": "0"})
    assert refused.status_code == 422
    assert "from 1 to 366" in as_read(refused)
    assert 'value="3"' in as_read(refused)
    assert not MeasureRule.objects.exists()
    browser.post(url, data | {"within_phq-9": "3"})
    schedule = measure_schedule.of(administrator.clinic)
    assert schedule[CareGroup.OUTPATIENT] == {Instrument.PHQ9: Rule(3)}
    assert browser.get(reverse("counseling:measure_rules_change", args=["nowhere"])).status_code == 404


def lines(person, day: D) -> list[tuple[str, str, str]]:
    found = today_measures.needs(staff_member=person, now=moment(day))
    return [(need.title, need.detail, need.client_name) for need in found]


def test_today_asks_who_leads_the_care_and_nobody_else(
    client_record, stay, counselor, make_staff, supervisor, administrator, make_client, outpatient
):
    elsewhere = make_staff("counselor")
    theirs = make_client()
    factories.CareTeamMemberFactory(client=theirs, staff_member=elsewhere)
    admissions.admit(client=theirs, program=outpatient, level_of_care="1", admitted_on=ADMITTED, by=elsewhere)
    [line] = lines(counselor, D(2026, 3, 10))
    said = "C-SSRS screener overdue since Mar 3, PHQ-9 overdue since Mar 9, GAD-7 overdue since Mar 9 and 2 more"
    assert line == ("5 measures due", said, client_record.full_name)
    assert [name for *_, name in lines(elsewhere, D(2026, 3, 10))] == [theirs.full_name]
    assert lines(supervisor, D(2026, 3, 10)) == []
    assert lines(administrator, D(2026, 3, 10)) == []


def test_the_button_leads_to_the_one_that_is_due(client_record, stay, counselor):
    for instrument in ("c-ssrs", "gad-7", "bam", "barc-10"):
        take(client_record, instrument, D(2026, 3, 10), counselor)
    [need] = today_measures.needs(staff_member=counselor, now=moment(D(2026, 3, 11)))
    assert (need.title, need.url) == (
        "Complete the PHQ-9",
        reverse("counseling:measure_new", args=[client_record.pk, "phq-9"]),
    )
    take(client_record, "phq-9", D(2026, 3, 11), counselor)
    assert lines(counselor, D(2026, 3, 12)) == []


def test_today_costs_the_same_for_one_client_and_for_many(client_record, stay, counselor, make_client, outpatient):
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            today_measures.needs(staff_member=counselor, now=moment(D(2026, 3, 10)))
        return len(seen)

    one = cost()
    for _ in range(5):
        other = make_client()
        factories.CareTeamMemberFactory(client=other, staff_member=counselor)
        admissions.admit(client=other, program=outpatient, level_of_care="1", admitted_on=ADMITTED, by=counselor)
        take(other, "phq-9", ADMITTED, counselor)
    assert cost() == one
    assert len(lines(counselor, D(2026, 3, 10))) == 6


def test_the_chart_the_list_and_the_note_say_what_is_due(client_record, stay, counselor, supervisor, signed_in):
    instrument_texts.install(instrument=Instrument.BARC10, words=fake_words("barc-10"), by=supervisor)
    with time_machine.travel(moment(D(2026, 3, 10)), tick=False):
        browser = signed_in(counselor)
        listed = as_read(browser.get(reverse("counseling:measures", args=[client_record.pk])))
        assert "5 measures due" in listed
        assert "overdue since Mar 9" in listed
        chart = as_read(browser.get(reverse("desk:chart", args=[client_record.pk])))
        assert "3 overdue: C-SSRS screener, PHQ-9, GAD-7" in chart
        begun = browser.post(
            reverse("counseling:note_new", args=[client_record.pk]), {"format": "dap", "episode": stay.pk}, follow=True
        )
        assert "overdue since Mar 9" in as_read(begun)


def test_two_who_change_the_rules_at_once_do_not_write_over_each_other(clinic, administrator, supervisor, signed_in):
    url = reverse("counseling:measure_rules_change", args=["outpatient"])
    first, second = signed_in(administrator), signed_in(supervisor)

    def typed(page) -> dict[str, Any]:
        form = page.context["form"]
        return {name: "" if form[name].value() is None else form[name].value() for name in form.fields}

    old = typed(second.get(url))
    first.post(url, typed(first.get(url)) | {"every_phq-9": "20", "every_gad-7": "21"})
    assert second.post(url, old | {"every_bam": "60"}).status_code == 302, "another instrument: both stand"
    now = measure_schedule.of(clinic)[CareGroup.OUTPATIENT]
    assert (now[Instrument.PHQ9].every, now[Instrument.BAM].every) == (20, 60)
    refused = second.post(url, old | {"every_phq-9": "45"})
    assert refused.status_code == 422
    assert "Someone else changed the PHQ-9 after you opened this page: within 7, every 20." in as_read(refused)
    assert measure_schedule.of(clinic)[CareGroup.OUTPATIENT][Instrument.PHQ9].every == 20
    kept = typed(refused)
    assert (kept["every_phq-9"], kept["every_gad-7"]) == ("45", "21")
    assert second.post(url, kept).status_code == 302
    now = measure_schedule.of(clinic)[CareGroup.OUTPATIENT]
    assert (now[Instrument.PHQ9].every, now[Instrument.GAD7].every, now[Instrument.BAM].every) == (45, 21, 60)


def test_timezone_of_the_clinic_says_which_day_it_is(client_record, stay):
    late_in_new_york = datetime.datetime(2026, 3, 10, 3, 0, tzinfo=datetime.UTC)  # March 9, 11 PM there
    [phq] = [each for each in measure_due.of_client(client_record, late_in_new_york) if each.instrument == "phq-9"]
    assert not phq.is_overdue
    assert timezone.localdate(late_in_new_york, client_record.clinic.zone) == D(2026, 3, 9)
