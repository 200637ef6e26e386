"""Facts that pause a mentor, recorded the way staff record them."""

import datetime

from django.db import connection
from django.utils import timezone

from cases.models import Inquiry, LevelOfCareAssessment
from counseling import measures

from .conftest import returned_to_use


def by_the_form(client, by, day):
    returned_to_use(client, by, started_on=day, ended_on=day)


def by_the_form_today(client, by):
    by_the_form(client, by, timezone.localdate(timezone=client.clinic.zone))


def by_sql(client, by, day):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_relapse (client_id, kind, started_on, started_precision, started_source, ended_on,"
            " ended_precision, ended_source, is_confirmed, situations, primary_situation, abstinence_violation,"
            " emotional_state, precipitant, worked_before, learned, plan_change, supports_contacted,"
            " medication_status, recorded_at, recorded_by_id)"
            " VALUES (%s, 'lapse', %s, 'day', 'client', %s, 'day', 'client', true, '{}', '', false, '', '', '', '',"
            " '', '', 'unknown', now(), %s)",
            [client.pk, day, day, by.pk],
        )


def high_c_ssrs(client, by):
    measures.record(client=client, instrument="c-ssrs", answers={4: 1}, by=by)


def phq9_question_9(client, by):
    measures.record(client=client, instrument="phq-9", answers=[0] * 8 + [1], by=by)


def assessment_in_danger(client, by):
    LevelOfCareAssessment.objects.create(
        client=client, assessed_at=timezone.now(), assessed_by=by, suicidal_behavior=True
    )


def assessed_with_use(client, by):
    LevelOfCareAssessment.objects.create(
        client=client, assessed_at=timezone.now(), assessed_by=by, use_days=2, span_days=3
    )


def assessed_with_days_since(client, by):
    LevelOfCareAssessment.objects.create(
        client=client, assessed_at=timezone.now(), assessed_by=by, days_since_alcohol=3
    )


def a_caller_says_so(client, by):
    Inquiry.objects.create(
        clinic=client.clinic,
        client=client,
        relation="sibling",
        days_since_last_use=1,
        taken_at=timezone.now(),
        taken_by=by,
    )


def a_caller_tells_of(sign):
    def record(client, by):
        Inquiry.objects.create(
            clinic=client.clinic, client=client, relation="sibling", danger_signs=[sign], taken_at=timezone.now(),
            taken_by=by,
        )  # fmt: skip

    record.__name__ = f"a_caller_tells_of_{sign}"
    return record


def assessed_after_an_overdose(client, by):
    LevelOfCareAssessment.objects.create(
        client=client, assessed_at=timezone.now(), assessed_by=by, overdose_since_last_episode=True,
        days_since_overdose=1,
    )  # fmt: skip


def bam_with_use(client, by):
    measures.record(client=client, instrument="bam", answers={6: 1}, by=by)


def a_minute_later(time_machine, minutes=1):
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=minutes))


def low_c_ssrs(client, by):
    measures.record(client=client, instrument="c-ssrs", answers={1: 0, 2: 0, 6: 0}, by=by)
