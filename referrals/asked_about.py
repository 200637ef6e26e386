"""Which day a message and its private page ask about, in words that reveal nothing: a day, an hour where it takes one.

After a week nobody knows which “did you go?” is meant, and two plans for one evening would get the same page twice.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from reminders import languages
from reminders.languages import Language

from .models import FollowThrough
from .models.followthrough import CLOSING_STEPS

_A_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class AskedAbout:
    """A planned moment on the client's clock; with its hour if they planned something else that day.

    Of several at one moment it says which: `place` is that in which they were planned, `of` how many there are.
    """

    at: datetime.datetime
    with_hour: bool = False
    place: int = 1
    of: int = 1

    def words(self, language: Language) -> str:
        """“Tuesday, Mar 3” or “martes 3 de mar, 7:00 PM (1 de 2)”."""
        said = languages.day_in(language, languages.day_words(self.at.date()))
        if self.with_hour:
            said += f", {self.at:%-I:%M %p}"
        if self.of > 1:
            said += f" ({self.place} {'de' if language == Language.SPANISH else 'of'} {self.of})"
        return said

    def on(self, language: Language) -> str:
        """The same within a question: “on Tuesday, Mar 3”, “el martes 3 de mar”."""
        return f"{'el' if language == Language.SPANISH else 'on'} {self.words(language)}"


def of_plans(plans: Collection[int]) -> dict[int, AskedAbout]:
    """What each plan's follow-up asks about, by the plan's id; in two queries for all."""
    dated = FollowThrough.objects.filter(planned_for__isnull=False)
    asked = list(dated.filter(pk__in=plans).select_related("referral__client__clinic"))
    if not asked:
        return {}
    closed = FollowThrough.objects.filter(step__in=CLOSING_STEPS).values("referral")
    moments = [plan.planned_for for plan in asked if plan.planned_for]
    near = dated.filter(
        referral__client__in={plan.referral.client_id for plan in asked},
        planned_for__range=(min(moments) - _A_DAY, max(moments) + _A_DAY),
    ).exclude(referral__in=closed)
    beside = list(near.order_by("pk").values_list("pk", "referral", "referral__client", "planned_for"))
    return {plan.pk: _of_plan(plan, beside) for plan in asked}


def _of_plan(plan: FollowThrough, beside: list[tuple[int, int, int, datetime.datetime | None]]) -> AskedAbout:
    zone, client = plan.referral.client.zone, plan.referral.client_id
    at = timezone.localtime(plan.planned_for, zone)
    that_day = {
        referral: (pk, moment)
        for pk, referral, whose, moment in beside  # the later plan of a referral counts
        if moment and whose == client and referral != plan.referral_id and timezone.localdate(moment, zone) == at.date()
    }
    same = [pk for pk, moment in that_day.values() if moment == plan.planned_for]
    return AskedAbout(at, with_hour=bool(that_day), place=1 + sum(pk < plan.pk for pk in same), of=1 + len(same))
