"""Details that make a record realistic: approximate dates, different sources, ongoing use, varied wording."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import DateTimeField
from django.db.models.functions import Cast, Coalesce, Least, Now
from django.utils import timezone

from cases.codes import Precision, Source, Substance
from cases.models import CopingStrategy, Relapse, SobrietyStatement, TreatmentEpisode, Trigger, WarningSign
from cases.recovery import learning, relapses, sobriety

if TYPE_CHECKING:
    from .lives import Life

DAY = datetime.timedelta(days=1)
ROUGH_AFTER = 900 * DAY  # anything older is seldom known to the day
SAID_DIFFERENTLY = "Payday, and nothing planned"


def facts_of(life: Life, started_on: datetime.date, ended_on: datetime.date) -> dict[str, Any]:
    """More about one return to use, drawn from a separate random stream so the rest does not change."""
    chance = random.Random(f"{life.client.pk}-{started_on}")
    facts: dict[str, Any] = {}
    if timezone.localdate(timezone=life.client.clinic.zone) - ended_on > ROUGH_AFTER and chance.random() < 0.45:
        facts["started_precision"] = facts["ended_precision"] = Precision.MONTH
    facts["started_source"] = chance.choices(list(Source), weights=[86, 9, 5])[0]
    facts["ended_source"] = facts["started_source"]
    if life.returns and life.returns[-1].ended_on:
        facts["longest_abstinence_before_days"] = max(0, (started_on - life.returns[-1].ended_on).days - 1)
    if life.returns and chance.random() < 0.5:
        facts["worked_before"] = f"{chance.choice(life.strategies)}, most weeks."
    second = chance.choice([Substance.ALCOHOL, Substance.CANNABIS, Substance.BENZODIAZEPINES, Substance.COCAINE])
    if second != life.substance and chance.random() < 0.2:
        facts["substances"] = [{"substance": life.substance, "route": life.route}, {"substance": second}]
    return facts


def stamp_the_past(lives: Sequence[Life]) -> None:
    """Date old records to when they happened: the day itself, or a day or two after a return to use ended."""
    afternoon = datetime.timedelta(hours=20)  # in UTC; the afternoon in New York
    clients = [life.client.pk for life in lives]
    TreatmentEpisode.objects.filter(client__in=clients, discharged_on__isnull=False).update(
        discharged_at=Cast("discharged_on", DateTimeField()) + afternoon
    )
    when = Least(Cast(Coalesce("ended_on", "started_on"), DateTimeField()) + DAY * 2 + afternoon, Now())
    Relapse.objects.filter(client__in=clients).update(recorded_at=when)
    for model in (Trigger, WarningSign, CopingStrategy):
        seen = Least(Cast("first_seen_on", DateTimeField()) + DAY * 3 + afternoon, Now())
        model._default_manager.filter(client__in=clients).update(recorded_at=seen)
    SobrietyStatement.objects.filter(client__in=clients).update(
        stated_at=Least(Cast("sobriety_date", DateTimeField()) + DAY * 5 + afternoon, Now())
    )


def tell_more(lives: Sequence[Life], *, today: datetime.date) -> int:
    """Some use again with no known end; some state their date; triggers are rated, combined, resolved."""
    told = 0
    here = [life for life in lives if life.open_episode]
    for number, life in enumerate(here[4:30:7]):
        relapses.record(
            client=life.client,
            started_on=today - DAY * (4 + 3 * number),
            started_source=Source.COLLATERAL,
            substances=[life.substance],
            precipitant="Missed the Monday group; his brother called on Wednesday.",
            by=life.counselor,
        )
        told += 1
    for number, life in enumerate(here[2::3]):
        last = max((each.ended_on for each in life.returns if each.ended_on), default=None)
        if last is not None and last + DAY * 4 < today:
            sobriety.state(client=life.client, sobriety_date=last + DAY * (1 + number % 4), by=life.counselor)
            told += 1
    for life in here[:24]:
        for number, trigger in enumerate(Trigger.objects.filter(client=life.client).order_by("pk")[:3]):
            learning.rate(trigger=trigger, strength=(life.client.pk * 3 + number * 4) % 9 + 2, by=life.counselor)
            told += 1
    for life in here[1:40:6]:
        outgrown = Trigger.objects.filter(client=life.client).order_by("first_seen_on", "pk").first()
        if outgrown is not None:
            learning.mark_no_longer_true(item=outgrown, on=today - DAY * 30, by=life.counselor)
            told += 1
    for life in here:
        same = Trigger.objects.filter(client=life.client, wording="Payday with nothing planned").first()
        if same is not None:
            again = learning.add_trigger(client=life.client, wording=SAID_DIFFERENTLY, by=life.counselor)
            learning.merge_wordings(keep=same, other=again, by=life.counselor)
            told += 1
            break
    return told
