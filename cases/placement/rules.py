"""The rules, one small function each: None if a rule does not apply, otherwise its minimum and reason.

A rule reads only its inputs and numbers. It does not report missing answers: `needs.py` does.
"""

from __future__ import annotations

from collections.abc import Callable

from staff.models.clinic import MedicalIntensity as M
from staff.models.clinic import Setting as S

from . import thresholds as t
from .inputs import Inputs
from .suggestion import Fired

Numbers = dict[str, int]
Rule = Callable[[Inputs, Numbers], Fired | None]


def e1(a: Inputs, n: Numbers) -> Fired | None:  # noqa: ARG001
    """An emergency now."""
    if not a.emergency_signs:
        return None
    return Fired(
        "E1",
        "Emergency signs: seizure, confusion, hallucinations, can’t be woken, or overdose now.",
        medical=M.EMERGENCY,
        do_now="Call 911. Stay with the person. Give naloxone if an opioid may be involved. Stop here.",
    )


def e2(a: Inputs, n: Numbers) -> Fired | None:  # noqa: ARG001
    """Suicidal intent or behavior: Columbia screener questions 4, 5 and 6."""
    if not (a.suicidal_intent or a.suicidal_behavior):
        return None
    what = "suicidal behavior in the past 3 months" if a.suicidal_behavior else "suicidal intent in the past month"
    return Fired(
        "E2",
        f"The screening found {what}.",
        do_now="A clinician must evaluate now. Offer 988. No decision until a safety evaluation is signed.",
    )


def w1(a: Inputs, n: Numbers) -> Fired | None:
    """Severe alcohol withdrawal."""
    if a.ciwa_ar is None or a.ciwa_ar < n[t.CIWA_SEVERE.key]:
        return None
    return Fired("W1", f"CIWA-Ar is {a.ciwa_ar}, which is {n[t.CIWA_SEVERE.key]} or more.", medical=M.MANAGED)


def w2(a: Inputs, n: Numbers) -> Fired | None:
    """Moderate alcohol withdrawal, and what makes it dangerous at home."""
    low, high = n[t.CIWA_MODERATE.key], n[t.CIWA_SEVERE.key]
    if a.ciwa_ar is None or not low <= a.ciwa_ar < high:
        return None
    because = [
        words
        for answer, words in (
            (a.intoxicated, "is intoxicated now"),
            (a.past_withdrawal_seizure, "has had a withdrawal seizure or delirium"),
            (a.complicating_illness, "has a complicating illness"),
            (a.cannot_attend_visits, "can’t attend daily visits"),
        )
        if answer
    ]
    reason = f"CIWA-Ar is {a.ciwa_ar}, between {low} and {high - 1}"
    if because:
        return Fired("W2", f"{reason}, and the person {' and '.join(because)}.", medical=M.MANAGED)
    return Fired("W2", f"{reason}.", medical=M.EVALUATION)


def w3(a: Inputs, n: Numbers) -> Fired | None:
    """Recent drinking with a low score: withdrawal may be still to come, and a past seizure makes it dangerous."""
    recent = a.days_since_alcohol is not None and a.days_since_alcohol * 24 <= n[t.ALCOHOL_HOURS.key]
    if not recent:
        return None
    if a.past_withdrawal_seizure:
        score = f" with CIWA-Ar at {a.ciwa_ar}" if a.ciwa_ar is not None else ""
        return Fired(
            "W3",
            f"Drank {_ago(a.days_since_alcohol)} and has had a withdrawal seizure or delirium: "
            f"dangerous at any score{score}.",
            medical=M.MANAGED,
        )
    if a.alcohol_daily and (a.ciwa_ar is None or a.ciwa_ar < n[t.CIWA_MODERATE.key]):
        return Fired(
            "W3",
            f"Drank daily until {_ago(a.days_since_alcohol)}: withdrawal may still start.",
            medical=M.EVALUATION,
            do_now="Repeat the CIWA-Ar.",
        )
    return None


def w4(a: Inputs, n: Numbers) -> Fired | None:  # noqa: ARG001
    """Regular use of a sedative, stopped or cut down: barbiturates and Z-drugs as well as benzodiazepines."""
    if not a.sedative_stopped:
        return None
    advice = "Do not stop abruptly: taper with a medical provider."
    if a.sedative_severe:
        reason = (
            "Regular use of a sedative was stopped or cut down, with severe symptoms, imminent harm or an unsafe home."
        )
        return Fired("W4", reason, medical=M.MANAGED, do_now=advice)
    return Fired("W4", "Regular use of a sedative was stopped or cut down.", medical=M.EVALUATION, do_now=advice)


def w5(a: Inputs, n: Numbers) -> Fired | None:
    """Opioid withdrawal."""
    if a.cows is None or a.cows < n[t.COWS_MILD.key]:
        return None
    offer = "Offer medication for opioid use disorder the same day."
    if a.cows >= n[t.COWS_SEVERE.key]:
        reason = f"COWS is {a.cows}, which is {n[t.COWS_SEVERE.key]} or more."
        return Fired("W5", reason, medical=M.MANAGED, do_now=offer)
    return Fired("W5", f"COWS is {a.cows}.", medical=M.EVALUATION, do_now=offer)


def p1(a: Inputs, n: Numbers) -> Fired | None:  # noqa: ARG001
    """Pregnancy with opioids."""
    if not (a.pregnant and a.opioid):
        return None
    return Fired(
        "P1",
        "Pregnant, and uses opioids: methadone or buprenorphine, not withdrawal management alone.",
        medical=M.EVALUATION,
        do_now="Medical evaluation the same day.",
    )


def p2(a: Inputs, n: Numbers) -> Fired | None:  # noqa: ARG001
    """Pregnancy with alcohol or sedatives."""
    if not (a.pregnant and a.alcohol_or_sedative):
        return None
    return Fired("P2", "Pregnant, and uses alcohol or sedatives: withdrawal needs 24-hour care.", medical=M.MANAGED)


def o1(a: Inputs, n: Numbers) -> Fired | None:
    """An overdose since the last episode of care."""
    if not a.overdose_since_last_episode:
        return None
    naloxone = "Give naloxone and teach its use."
    if a.days_since_overdose is not None and a.days_since_overdose <= n[t.OVERDOSE_DAYS.key]:
        reason = f"Overdose {_ago(a.days_since_overdose)}."
        return Fired("O1", reason, setting=S.INTENSIVE, medical=M.EVALUATION, do_now=naloxone)
    return Fired("O1", "Overdose since the last episode.", medical=M.EVALUATION, do_now=naloxone)


def d1(a: Inputs, n: Numbers) -> Fired | None:
    """A brief slip that ended."""
    if not _is_brief(a, n):
        return None
    days = "1 day" if a.use_days == 1 else f"{a.use_days} days"
    return Fired("D1", f"Used on {days} within {a.span_days or a.use_days} and stopped.", setting=S.OUTPATIENT)


def d2(a: Inputs, n: Numbers) -> Fired | None:
    """More than a slip, less than months of use on most days."""
    if a.use_days is None or _is_brief(a, n) or _is_long(a, n) or _may_be_brief(a, n):
        return None
    reason = f"Used on {a.use_days} of {a.span_days or a.use_days} days"
    if a.use_stopped is False:
        reason += " and has not stopped"
    return Fired("D2", f"{reason}: more than a slip.", setting=S.INTENSIVE)


def d3(a: Inputs, n: Numbers) -> Fired | None:
    """Months of use on most days."""
    if not _is_long(a, n):
        return None
    return Fired(
        "D3",
        f"Used on {a.use_days} of {a.span_days} days: most days over {n[t.LONG_USE_DAYS.key]} days or more.",
        setting=S.RESIDENTIAL,
        medical=M.EVALUATION,
    )


def h1(a: Inputs, n: Numbers) -> Fired | None:  # noqa: ARG001
    """No safe place to live."""
    because = [
        words
        for answer, words in (
            (a.no_housing, "has no housing"),
            (a.violence_at_home, "lives with violence"),
            (a.substances_at_home, "lives where substances are used"),
        )
        if answer
    ]
    if not because:
        return None
    return Fired("H1", f"The person {' and '.join(because)}.", setting=S.RESIDENTIAL)


def c1(a: Inputs, n: Numbers) -> Fired | None:
    """Severe depression, psychosis, or moderate suicide risk beside substance use."""
    because = []
    if a.phq9 is not None and a.phq9 >= n[t.PHQ9_SEVERE.key]:
        because.append(f"PHQ-9 is {a.phq9}")
    if a.psychosis:
        because.append("there is psychosis")
    if a.suicide_risk_moderate:
        because.append("suicide risk is moderate")
    if not because:
        return None
    return Fired("C1", f"Co-occurring care is needed: {', '.join(because)}.", setting=S.INTENSIVE)


def r1(a: Inputs, n: Numbers) -> Fired | None:
    """Use during care or soon after it: one step above that level, and never below that of now."""
    days = a.days_from_discharge_to_use
    if a.used_during_care or (days is not None and days <= 0):
        when = "during"
    elif days is not None and days <= n[t.EARLY_RETURN_DAYS.key]:
        when = f"{_count(days, 'day')} after"
    else:
        return None
    care = a.prior_setting or a.present_setting
    if care is None:
        return None
    before = S(care)
    step = before if before >= S.RESIDENTIAL else S(before + 1)
    now = S(a.present_setting or before)
    said = f"Returned to use {when} {before.in_sentence} care: "
    if now > step:
        return Fired("R1", f"{said}not below the current {now.in_sentence} care.", setting=now)
    if step > before:
        return Fired("R1", f"{said}one step above that.", setting=step)
    return Fired("R1", f"{said}not below that level. Ask what that care lacked before returning to it.", setting=step)


def l1(a: Inputs, n: Numbers) -> Fired | None:  # noqa: ARG001
    """Client preference and barriers: no minimum, always shown."""
    said = []
    if a.preference.strip():
        said.append(f"wants: {a.preference.strip()}")
    if a.barriers.strip():
        said.append(f"barriers: {a.barriers.strip()}")
    return Fired("L1", f"The client {'; '.join(said)}") if said else None


RULES: tuple[Rule, ...] = (e1, e2, w1, w2, w3, w4, w5, p1, p2, o1, d1, d2, d3, h1, c1, r1, l1)
WITHDRAWAL = frozenset({"W1", "W2", "W3", "W4", "W5"})


def _span(a: Inputs) -> int | None:
    """Days from first to last use; days used alone set the least it can be."""
    return a.span_days if a.span_days is not None else a.use_days


def _within_slip(a: Inputs, n: Numbers) -> bool:
    span = _span(a)
    if a.use_days is None or span is None:
        return False
    return a.use_days <= n[t.LAPSE_USE_DAYS.key] and span <= n[t.LAPSE_WINDOW.key]


def _is_brief(a: Inputs, n: Numbers) -> bool:
    return _within_slip(a, n) and a.use_stopped is True


def _may_be_brief(a: Inputs, n: Numbers) -> bool:
    """Whether only the answer to “stopped?” keeps it from being a slip."""
    return _within_slip(a, n) and a.use_stopped is None


def _is_long(a: Inputs, n: Numbers) -> bool:
    if a.use_days is None or a.span_days is None:
        return False
    return a.span_days >= n[t.LONG_USE_DAYS.key] and a.use_days * 2 > a.span_days


def _ago(days: int | None) -> str:
    return {0: "today", 1: "yesterday"}.get(days or 0, f"{days} days ago")


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
