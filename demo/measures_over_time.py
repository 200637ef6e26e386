"""Measures over time: what people completed over their stays, most of them improving, some due, a few overdue."""

from __future__ import annotations

import bisect
import datetime
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from cases.codes import Substance
from cases.models import LevelOfCarePeriod, TreatmentEpisode
from counseling import measures
from counseling.codes import CareGroup, Instrument
from counseling.instruments import BAM_NO_OR_YES, BAM_SUBSCALES, BAM_USE, FORMS
from counseling.measures import instrument_texts, item_text, measure_schedule, use_reports
from counseling.measures.instrument_texts import Words
from counseling.measures.item_text import Wording
from counseling.models import Measure
from staff.models import StaffMember

from . import history
from .lives import DAY, Life

_OPIOIDS = {Substance.HEROIN, Substance.FENTANYL, Substance.OTHER_OPIOIDS}
_OVERDUE = 9  # one in so many who are here was not asked when it was due
Answers = dict[str, int | None]


@dataclass(frozen=True)
class _Course:
    """A person's course over one stay: the starting value of each scale, and how much of it is left at the end."""

    mood: float
    worry: float
    improves: float
    stay: int

    def at(self, begun: float, day: int) -> float:
        """A scale's value on a day of the stay."""
        return begun * (1 - self.improves * min(1, day / max(30, self.stay)))


@dataclass(frozen=True)
class _Used:
    """Days of use in the 30 before a BAM, in its five answers: none, 1 to 3, 4 to 8, 9 to 15, more."""

    days: int
    drinks: bool

    @property
    def answers(self) -> Answers:
        """Questions 4 and 5 on drinking, or 6 on drugs."""
        answer = bisect.bisect_right([1, 4, 9, 16], self.days)
        return {"4": answer, "5": max(0, answer - 1)} if self.drinks else {"6": answer}


def install_words(*, by: StaffMember) -> int:
    """One text as a clinic would install it: plainly made up, since the instrument's own may not be shown."""
    items: list[dict[str, Any]] = [
        {"key": key, "text": f"Sample question {key}: the licensed wording would stand here"}
        for key in FORMS[Instrument.BARC10].keys
    ]
    for row in items:
        row["answers"] = {"1": "Sample: not at all", "6": "Sample: entirely"}
    words = Words(
        edition="Demo wording",
        source="Made up for this demo; not the instrument's text",
        permission="None needed: these are sample words",
        introduction="Sample introduction. Say how much you agree.",
        items=items,
    )
    instrument_texts.install(instrument=Instrument.BARC10, words=words, by=by)
    return 1


def fill_in(
    lives: Sequence[Life], *, now: datetime.datetime, by: StaffMember, chance: random.Random
) -> tuple[int, int]:
    """Measures over every stay, stored in a few statements; then a few are taken back. How many of each."""
    clinic = lives[0].client.clinic
    today = timezone.localdate(now, clinic.zone)
    words = {each.value: item_text.wording_for(clinic, each.value) for each in Instrument}
    levels = _levels(episode for life in lives for episode in life.episodes)
    rows: list[Measure] = []
    for life in lives:
        for episode in life.episodes:
            rows += _stay(life, episode, levels[episode.pk], today, words, chance)
    history.add_measures(measures=rows, by=by)
    wrong = chance.sample([each for each in rows if each.instrument == Instrument.GAD7], min(5, len(rows)))
    for row in wrong:
        measures.withdraw(measure=row, reason="Was entered for the wrong client", by=row.recorded_by)
    return len(rows), len(wrong)


def _levels(episodes: Iterable[TreatmentEpisode]) -> dict[int, list[tuple[datetime.date, CareGroup]]]:
    """Since when each stay was at which group of levels, in one query."""
    found: dict[int, list[tuple[datetime.date, CareGroup]]] = defaultdict(list)
    periods = LevelOfCarePeriod.objects.filter(episode__in=list(episodes)).order_by("starts_at")
    for period in periods:
        found[period.episode_id].append((period.starts_at.date(), measure_schedule.group_of(period.level_code)))
    return found


def _stay(
    life: Life,
    episode: TreatmentEpisode,
    levels: list[tuple[datetime.date, CareGroup]],
    today: datetime.date,
    words: dict[str, Wording | None],
    chance: random.Random,
) -> Iterator[Measure]:
    last = min(episode.discharged_on or today, today - DAY)
    course = _Course(
        mood=chance.uniform(6, 22),
        worry=chance.uniform(4, 17),
        improves=chance.choice([0.75, 0.6, 0.6, 0.4, 0.1, -0.2]),
        stay=(last - episode.admitted_on).days,
    )
    due = _days(episode, levels, last, is_late=episode.discharged_on is None and episode.pk % _OVERDUE == 0)
    for instrument, day in [*due, *_withdrawal_days(life, episode, levels, last), *_once(life, episode, last)]:
        number = (day - episode.admitted_on).days
        yield measures.filled_in(
            client=life.client,
            instrument=instrument.value,
            answers=_answers(instrument, course, number, chance, _used_before(life, day)),
            by=life.counselor,
            taken_at=_moment(life, day, instrument, chance),
            episode=episode,
            wording=words[instrument.value],
        )


def _days(
    episode: TreatmentEpisode, levels: list[tuple[datetime.date, CareGroup]], last: datetime.date, *, is_late: bool
) -> Iterator[tuple[Instrument, datetime.date]]:
    """By the levels' schedule, a day or two early; overdue clients were not asked for a while."""
    if not levels:
        return
    until = last - DAY * 40 if is_late else last
    for instrument in (Instrument.CSSRS, Instrument.PHQ9, Instrument.GAD7, Instrument.BAM, Instrument.BARC10):
        day = episode.admitted_on
        first = True
        while day <= (last if instrument == Instrument.CSSRS else until):
            group = [group for since, group in levels if since <= day or since == levels[0][0]][-1]
            rule = measure_schedule.default(group, instrument)
            if first and rule.within is not None:
                taken = min(day + DAY * max(0, rule.within - 1 - episode.pk % 3), last)
                if taken < episode.admitted_on:
                    return
                yield instrument, taken
                first, day = False, taken
            elif first:
                day += DAY * 7  # not asked for here; the next level may
                continue
            if rule.every is None and instrument == Instrument.CSSRS:
                break
            day += DAY * max(1, (rule.every or 30) - episode.pk % 3)
            if day <= until:
                yield instrument, day


def _withdrawal_days(
    life: Life, episode: TreatmentEpisode, levels: list[tuple[datetime.date, CareGroup]], last: datetime.date
) -> Iterator[tuple[Instrument, datetime.date]]:
    """Daily in the first week of medically managed care."""
    if not levels or levels[0][1] != CareGroup.MEDICAL:
        return
    if life.substance == Substance.ALCOHOL or life.substance in _OPIOIDS:
        instrument = Instrument.COWS if life.substance in _OPIOIDS else Instrument.CIWA_AR
        for place in range(6):
            if episode.admitted_on + DAY * place <= last:
                yield instrument, episode.admitted_on + DAY * place


def _once(life: Life, episode: TreatmentEpisode, last: datetime.date) -> Iterator[tuple[Instrument, datetime.date]]:
    """At admission: how severe the problem is."""
    day = episode.admitted_on + DAY
    if day <= last:
        yield (Instrument.AUDIT_C if life.substance == Substance.ALCOHOL else Instrument.DAST10), day


def _answers(instrument: Instrument, course: _Course, day: int, chance: random.Random, used: _Used) -> Answers:
    if instrument == Instrument.CSSRS:
        return {"1": int(chance.random() < 0.12), "2": 0, "6": 0}
    if instrument == Instrument.BAM:
        return _bam(course, day, chance, used)
    if instrument in (Instrument.CIWA_AR, Instrument.COWS):
        begun = 16 + course.mood / 3
        return _spread(instrument, begun * max(0.1, 1 - day / 6), chance)
    if instrument == Instrument.BARC10:
        return _spread(instrument, 54 - course.at(course.mood, day), chance)
    if instrument == Instrument.AUDIT_C:
        return _of_somebody_who_drinks(_spread(instrument, 5 + course.mood / 4, chance))
    if instrument == Instrument.DAST10:
        return _spread(instrument, 3 + course.mood / 5, chance)
    begun = course.mood if instrument == Instrument.PHQ9 else course.worry
    answers = _spread(instrument, course.at(begun, day) + chance.uniform(-2, 2), chance)
    if chance.random() < 0.03:
        answers[chance.choice(list(answers))] = None  # someone turned two pages at once
    return answers


def _spread(instrument: Instrument, total: float, chance: random.Random) -> Answers:
    """Answers that add up to about a total, spread over the questions. PHQ-9 question 9 stays “not at all”."""
    items = [item for item in FORMS[instrument].items if (instrument, item.key) != (Instrument.PHQ9, "9")]
    places = dict.fromkeys((item.key for item in items), 0)
    left = round(total) - sum(item.allowed[0] for item in items)
    for _ in range(400):
        item = chance.choice(items)
        place = places[item.key]
        if left <= 0 or all(places[each.key] == len(each.allowed) - 1 for each in items):
            break
        if place + 1 < len(item.allowed):
            places[item.key] = place + 1
            left -= item.allowed[place + 1] - item.allowed[place]
    answers: Answers = {item.key: item.allowed[places[item.key]] for item in items}
    return answers | ({"9": 0} if instrument == Instrument.PHQ9 else {})


def _of_somebody_who_drinks(answers: Answers) -> Answers:
    """Question 1 is not “never” if anything else is answered: the form would not have asked it."""
    if not answers["1"]:
        most = max(("2", "3"), key=lambda key: answers[key] or 0)
        answers["1"], answers[most] = answers[most], 0
    return answers


def _used_before(life: Life, day: datetime.date) -> _Used:
    """The days of use that a BAM of this day asks about, as the person's returns to use have them."""
    since = day - use_reports.ASKED_ABOUT
    days = 0
    for each in life.returns:
        last = min(each.ended_on or day, day)
        if each.started_on <= day and last >= since and not each.is_voided:
            days += max(1, min((last - max(each.started_on, since)).days + 1, each.days_used or 1))
    return _Used(days, drinks=life.substance == Substance.ALCOHOL)


def _bam(course: _Course, day: int, chance: random.Random, used: _Used) -> Answers:
    """Consistent answers: use as on record, and with use, more risk and fewer protective factors."""
    ill = min(1.0, max(0.0, course.at(course.mood, day) / 22) + (0.25 if used.days else 0))
    answers: Answers = {"7": 0, "17": 2}
    for name, share in (("risk", ill * 0.9), ("protective", 0.85 - ill / 2)):
        for key in BAM_SUBSCALES[name]:
            answers[key] = max(0, min(4, round(4 * share + chance.uniform(-0.8, 0.8))))
    answers[BAM_NO_OR_YES] = 4 if chance.random() < 0.9 - ill / 2 else 0
    return answers | dict.fromkeys(BAM_USE, 0) | used.answers


def _moment(life: Life, day: datetime.date, instrument: Instrument, chance: random.Random) -> datetime.datetime:
    begun = datetime.time(9 + list(Instrument).index(instrument) // 2, chance.choice([0, 10, 20, 30, 45]))
    return datetime.datetime.combine(day, begun, life.client.clinic.zone)
