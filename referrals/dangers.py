"""What a client said about suicide in a talk about mutual help, or while a referral was followed (SAFETY_SOURCES).

Words of staff are not searched for it: whoever records a visit, a step or an answer ticks that it was said, as on a
call (cases/safety/) and for other help (other_help/dangers.py). What clients write themselves by a private link is read
(reminders/crisis.py).
"""

from __future__ import annotations

import zoneinfo

from django.db.models import CharField, F, Func, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse

from cases.models import Client
from cases.safety import DangerRows, Row, RowSource, SafetyFact
from referrals.models import Conversation, FollowThrough
from staff.days import day_in_words

_STEP, _TALK = "mutual-help step", "mutual-help talk"
_TOLD_AT = Func(
    "danger_told_at",
    template="""to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')""",
    output_field=CharField(),
)


def _queries(clients: QuerySet[Client]) -> list[DangerRows]:
    steps = FollowThrough.objects.filter(reports_danger=True, referral__client__in=clients)
    steps = steps.annotate(client=F("referral__client_id"), client_id=F("referral__client_id"))
    talks = Conversation.objects.filter(danger_told_at__isnull=False, client__in=clients)
    zone, referral = "referral__client__clinic__time_zone", Cast("referral_id", CharField())
    return [
        DangerRows(_STEP, steps, "at", "by_id", referral, zone=zone),
        # Told again, it is another danger: the moment belongs to what an evaluation answers.
        DangerRows(_TALK, talks, "danger_told_at", "danger_told_to_id", _TOLD_AT, word_is_answered=True),
    ]


def _fact(row: Row) -> SafetyFact:
    kind, _, client_id, zone, at, by, word, key = row
    day = day_in_words(at.astimezone(zoneinfo.ZoneInfo(zone)).date())
    if kind == _STEP:
        about, page = "a mutual-help referral", reverse("referrals:referral", args=[client_id, int(word)])
    else:
        about, page = "mutual help", reverse("referrals:client_referrals", args=[client_id])
    sentence = f"Thoughts of suicide, or an attempt, were reported in a talk about {about} on {day}."
    return SafetyFact(client_id, at, sentence, page, by, key)


told = RowSource(_queries, _fact, frozenset({_STEP, _TALK}), ("referrals.guide_danger",))
