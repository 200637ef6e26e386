"""Immediate instructions for each danger sign, shown beside the call form.

Sources: SAMHSA Overdose Prevention and Response Toolkit (2024); 988 Suicide & Crisis Lifeline, guidance for callers
concerned about someone; National Domestic Violence Hotline, safety while calling; SAMHSA TIP 45 on withdrawal from
alcohol and sedatives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.models import Inquiry

Sign = Inquiry.DangerSign


@dataclass(frozen=True)
class WhatToDo:
    """One danger sign with the steps that come before everything else in the call."""

    sign: str
    label: str
    first: str  # the number to call or the one thing to do first
    steps: tuple[str, ...]
    for_medical_provider: bool = False  # then it is on the provider's Today until an evaluation is recorded


WHAT_TO_DO = (
    WhatToDo(
        Sign.OVERDOSE_NOW,
        Sign.OVERDOSE_NOW.label,
        "911 now",
        (
            "Have the caller dial 911 on another phone, or do it for them with the address.",
            "Naloxone available? Give it now; give a second dose after 2–3 minutes if breathing is still not normal.",
            "Roll the person onto their side, airway open. Stay with them and on the line.",
        ),
    ),
    WhatToDo(
        Sign.SEIZURE,
        Sign.SEIZURE.label,
        "911 now",
        (
            "Withdrawal from alcohol, benzodiazepines or other sedatives can be life-threatening.",
            "Don’t leave the person alone. Put nothing in their mouth; move hard objects away.",
            "Stay on the line until help arrives.",
        ),
    ),
    WhatToDo(
        Sign.SUICIDE,
        Sign.SUICIDE.label,
        "Call or text 988",
        (
            "Ask directly: Are you thinking about killing yourself? Do you have a plan? Do you have the means nearby?",
            "If there is a plan and means, or an attempt: call 911 and stay on the line.",
            "Otherwise, connect with 988 together and get a clinician now.",
        ),
    ),
    WhatToDo(
        Sign.VIOLENCE,
        Sign.VIOLENCE.label,
        "Is it safe to talk?",
        (
            "In danger now: call 911.",
            "National Domestic Violence Hotline: 1-800-799-7233.",
            "Agree on a safe time and number. Leave no voicemail unless they say it’s OK.",
        ),
    ),
    WhatToDo(
        Sign.WITHDRAWAL,
        Sign.WITHDRAWAL.label,
        "Medical provider today",
        (
            "Don’t advise stopping alcohol, benzodiazepines or other sedatives suddenly or alone.",
            "Seizure, confusion, fever or chest pain: call 911 or go to the emergency department.",
            "Past withdrawal seizure? Tell the medical provider before you hang up.",
        ),
        for_medical_provider=True,
    ),
)
FOR_MEDICAL_PROVIDER = frozenset(each.sign for each in WHAT_TO_DO if each.for_medical_provider)


def what_to_do(signs: Iterable[str]) -> list[WhatToDo]:
    """Instructions for the signs that were heard, emergencies first."""
    heard = set(signs)
    return [each for each in WHAT_TO_DO if each.sign in heard]
