"""Missing answers that the rules need: an unknown answer never counts as “no”."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from . import thresholds as t
from .inputs import Inputs
from .suggestion import Missing

Numbers = dict[str, int]
Needs = Callable[[Inputs, Numbers], tuple[Missing, ...]]


def missing(a: Inputs, n: Numbers) -> tuple[Missing, ...]:
    """Every answer that is missing, in the order of the assessment's page."""
    return (*_danger(a), *_use(a, n), *_withdrawal(a, n), *_rest(a))


def _danger(a: Inputs) -> Iterator[Missing]:
    if a.emergency_signs is None:
        yield Missing("emergency_signs", "emergency signs now")
    if a.suicidal_intent is None:
        yield Missing("suicidal_intent", "C-SSRS questions 4 and 5")
    if a.suicidal_behavior is None:
        yield Missing("suicidal_behavior", "suicidal behavior in the past 3 months")
    if a.opioid and a.overdose_since_last_episode is None:
        yield Missing("overdose_since_last_episode", "overdose since the last episode")
    if a.overdose_since_last_episode and a.days_since_overdose is None:
        yield Missing("days_since_overdose", "days since the overdose")
    if (a.opioid or a.alcohol_or_sedative) and a.pregnant is None and not a.cannot_be_pregnant:
        yield Missing("pregnant", "pregnancy")


def _use(a: Inputs, n: Numbers) -> Iterator[Missing]:
    if not a.substances and not (a.alcohol or a.sedative or a.opioid):
        yield Missing("substances", "substances used")
    if a.use_days is None:
        yield Missing("use_days", "number of days used")
    elif a.span_days is None and a.use_days > 1:
        yield Missing("span_days", "days from first to last use")
    if a.use_days and a.present_setting is not None and a.used_during_care is None:
        yield Missing("used_during_care", "use while in care")
    after_care = a.present_setting is None and a.prior_setting is not None
    if a.use_days and after_care and a.days_from_discharge_to_use is None and not a.used_during_care:
        yield Missing("days_from_discharge_to_use", "days from last discharge to the return to use")
    slip = a.use_days is not None and a.use_days <= n[t.LAPSE_USE_DAYS.key]
    if slip and a.use_stopped is None:
        yield Missing("use_stopped", "whether use has stopped")


def _withdrawal(a: Inputs, n: Numbers) -> Iterator[Missing]:
    recent = n[t.SCORE_DAYS.key]
    if a.alcohol and a.days_since_alcohol is None:
        yield Missing("days_since_alcohol", "last drink")
    if a.sedative and a.days_since_sedative is None:
        yield Missing("days_since_sedative", "last sedative use")
    if a.opioid and a.days_since_opioid is None:
        yield Missing("days_since_opioid", "last opioid use")
    if a.days_since_alcohol is not None and a.days_since_alcohol <= recent and a.ciwa_ar is None:
        yield Missing("ciwa_ar", "a withdrawal assessment for alcohol (CIWA-Ar)")
    if a.days_since_opioid is not None and a.days_since_opioid <= recent and a.cows is None:
        yield Missing("cows", "a withdrawal assessment for opioids (COWS)")
    lately = a.days_since_sedative is not None and a.days_since_sedative <= recent
    if lately and a.sedative_stopped is None:
        yield Missing("sedative_stopped", "whether regular sedative use was stopped or cut down")
    if (lately or a.sedative_stopped) and a.sedative_severe is None:
        yield Missing("sedative_severe", "a withdrawal assessment for sedatives")
    yield from _alcohol_danger(a, n)


def _alcohol_danger(a: Inputs, n: Numbers) -> Iterator[Missing]:
    drank = a.days_since_alcohol is not None and a.days_since_alcohol * 24 <= n[t.ALCOHOL_HOURS.key]
    scored = a.ciwa_ar is not None and a.ciwa_ar >= n[t.CIWA_MODERATE.key]
    if (drank or scored) and a.past_withdrawal_seizure is None:
        yield Missing("past_withdrawal_seizure", "history of withdrawal seizure or delirium")
    if drank and not scored and a.alcohol_daily is None:
        yield Missing("alcohol_daily", "whether they drank daily")
    if a.ciwa_ar is None or not n[t.CIWA_MODERATE.key] <= a.ciwa_ar < n[t.CIWA_SEVERE.key]:
        return
    if a.intoxicated or a.past_withdrawal_seizure or a.complicating_illness or a.cannot_attend_visits:
        return  # one is enough
    for name, need in (
        ("intoxicated", "whether they are intoxicated now"),
        ("complicating_illness", "complicating illness"),
        ("cannot_attend_visits", "whether they can attend daily visits"),
    ):
        if getattr(a, name) is None:
            yield Missing(name, need)


def _rest(a: Inputs) -> Iterator[Missing]:
    """Answers that may raise the setting but don't affect safety if missing: asked for, not required."""
    for name, need in (
        ("suicide_risk_moderate", "the rest of the C-SSRS"),
        ("phq9", "a PHQ-9"),
        ("psychosis", "psychosis"),
        ("no_housing", "housing"),
        ("violence_at_home", "home safety"),
        ("substances_at_home", "substance use at home"),
    ):
        if getattr(a, name) is None:
            yield Missing(name, need, safety=False)
    if not (a.preference.strip() or a.barriers.strip()):
        yield Missing("preference", "client preference and barriers", safety=False)
