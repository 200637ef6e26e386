"""Use that a measure reports asks for a record; counseling/measures/use_reports.py decides when."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Relapse
from cases.recovery import relapses
from counseling import measures
from counseling.measures import use_reports
from counseling.models import UseExplained
from counseling.panels import today_use_reports
from staff.refusals import NotPermitted
from tests.ownership import as_owner

DAY = datetime.timedelta(days=1)
QUIET = dict.fromkeys(range(1, 18), 0)


@pytest.fixture
def browser(counselor, signed_in):
    return signed_in(counselor)


@pytest.fixture
def today(client_record) -> datetime.date:
    return timezone.localdate(timezone=client_record.clinic.zone)


@pytest.fixture
def bam(client_record, counselor):
    def filled_in(**answers: int):
        given = QUIET | {int(key.removeprefix("q")): value for key, value in answers.items()}
        return measures.record(client=client_record, instrument="bam", answers=given, by=counselor)

    return filled_in


def asked(client_record, counselor) -> list[str]:
    return [each.words for each in use_reports.of_client(client_record, staff_member=counselor)]


def on_today(counselor) -> list[str]:
    return [need.title for need in today_use_reports.needs(staff_member=counselor, now=timezone.now())]


def test_use_without_a_record_is_asked_for_until_it_is_recorded(client_record, counselor, bam, today):
    bam()
    assert asked(client_record, counselor) == [] == on_today(counselor)
    bam(q4=1)
    assert asked(client_record, counselor) == ["BAM reports drinking in the 30 days before"]
    assert on_today(counselor) == ["Record a return to use, or explain why not"]
    relapses.record(
        client=client_record, started_on=today - 3 * DAY, ended_on=today - 3 * DAY,
        substances=[{"substance": "alcohol"}], by=counselor,
    )  # fmt: skip
    assert asked(client_record, counselor) == [] == on_today(counselor)


def test_a_form_with_answers_missing_reports_use_all_the_same(client_record, counselor):
    measures.record(client=client_record, instrument="bam", answers={"6": 3}, by=counselor)
    assert asked(client_record, counselor) == ["BAM reports drug use in the 30 days before"]


@pytest.mark.parametrize(
    ("started", "ended", "substance", "accounts"),
    [
        (30, 30, "alcohol", True),  # the first of the days asked about
        (31, 31, "alcohol", False),
        (200, 30, "alcohol", True),
        (200, None, "alcohol", True),  # goes on
        (3, 3, "cocaine", False),  # drinking is not what was recorded
        (3, 3, None, True),  # nobody wrote down what it was
    ],
)
def test_what_accounts_for_drinking(client_record, counselor, bam, today, started, ended, substance, accounts):
    relapses.record(
        client=client_record,
        started_on=today - started * DAY,
        ended_on=None if ended is None else today - ended * DAY,
        substances=[{"substance": substance}] if substance else [],
        by=counselor,
    )
    bam(q5=2)
    assert (asked(client_record, counselor) == []) is accounts


@pytest.mark.parametrize(("substance", "accounts"), [("alcohol", False), ("cocaine", True), (None, True)])
def test_what_accounts_for_drug_use(client_record, counselor, bam, today, substance, accounts):
    substances = [{"substance": substance}] if substance else []
    relapses.record(client=client_record, started_on=today, substances=substances, by=counselor)
    bam(q6=2)
    assert (asked(client_record, counselor) == []) is accounts


def test_an_end_known_to_the_month_may_have_been_that_late(client_record, counselor, bam, today):
    ended = today - 40 * DAY
    relapses.record(
        client=client_record, started_on=ended - 40 * DAY, ended_on=ended, ended_precision="month", by=counselor
    )
    bam(q4=1)
    assert asked(client_record, counselor) == []


def test_a_voided_return_accounts_for_nothing_and_a_measure_taken_back_asks_nothing(
    client_record, counselor, bam, today
):
    measure = bam(q6=1)
    row = relapses.record(client=client_record, started_on=today, by=counselor)
    assert asked(client_record, counselor) == []
    relapses.void(relapse=row, reason="Another person", by=counselor)
    assert asked(client_record, counselor) != []
    measures.withdraw(measure=measure, reason="Another person", by=counselor)
    assert asked(client_record, counselor) == []


def test_a_reason_settles_it_signed_and_once(client_record, counselor, bam):
    measure = bam(q6=1)
    with pytest.raises(use_reports.SayWhy):
        use_reports.explain(measure=measure, reason="other", words="  ", by=counselor)
    with pytest.raises(use_reports.SayWhy):
        use_reports.explain(measure=measure, reason="nonsense", by=counselor)
    said = use_reports.explain(measure=measure, reason="prescribed", by=counselor)
    assert (said.by, said.get_reason_display()) == (counselor, "Taken as prescribed")
    assert asked(client_record, counselor) == [] == on_today(counselor)
    with pytest.raises(use_reports.NothingToExplain):
        use_reports.explain(measure=measure, reason="before", by=counselor)


def test_who_may_not_record_use_may_not_explain_it(bam, intake, client_record):
    with pytest.raises(NotPermitted):
        use_reports.explain(measure=bam(q4=1), reason="before", by=intake)


def test_a_reason_stands(bam, counselor):
    row = use_reports.explain(measure=bam(q4=1), reason="before", by=counselor)
    for change in (lambda: row.delete(), lambda: UseExplained.objects.update(reason="other", words="x")):
        with as_owner(), pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()
    with pytest.raises(IntegrityError, match="use_explained_in_words"), transaction.atomic():
        UseExplained.objects.create(measure=bam(q4=2), reason="other", words=" ", by=counselor, at=timezone.now())


def test_the_page_leads_to_the_record_filled_in_and_takes_a_reason(client_record, bam, browser, today):
    measure = bam(q4=2)
    listed = browser.get(reverse("counseling:measures", args=[client_record.pk])).content.decode()
    assert "BAM reports drinking in the 30 days before" in listed
    at = reverse("counseling:measure", args=[client_record.pk, measure.pk])
    page = browser.get(at)
    address = page.context["use_report"].record_url
    assert address.replace("&", "&amp;") in page.content.decode()
    form = browser.get(address)
    assert "BAM of" in form.content.decode()
    assert '<option value="alcohol" selected>' in form.content.decode()
    assert browser.get(f"{reverse('cases:relapse_new', args=[client_record.pk])}?told_on=9999").status_code == 200
    why = reverse("counseling:use_explain", args=[client_record.pk, measure.pk])
    refused = browser.post(why, {"reason": "other", "words": ""})
    assert refused.status_code == 422
    assert "Enter a short reason" in refused.content.decode()
    assert browser.post(why, {"reason": "before"}).status_code == 302
    assert "Before treatment began" in browser.get(at).content.decode()
    assert not Relapse.objects.exists()


def test_nobody_else_sees_or_explains_it(client_record, bam, make_staff, signed_in):
    measure = bam(q4=2)
    other_counselor = make_staff("counselor")
    assert today_use_reports.needs(staff_member=other_counselor, now=timezone.now()) == []
    stranger = signed_in(other_counselor)
    why = reverse("counseling:use_explain", args=[client_record.pk, measure.pk])
    assert stranger.post(why, {"reason": "before"}).status_code == 404
