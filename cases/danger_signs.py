"""What to do now, for each danger sign that may come up in a call. Shown beside the form while somebody is talking.

Sources: SAMHSA Overdose Prevention and Response Toolkit (2024); 988 Suicide & Crisis Lifeline, guidance for callers
concerned about somebody; National Domestic Violence Hotline, safety while calling; SAMHSA TIP 45 on withdrawal from
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
            "Naloxone at hand? Give it now; a second dose after 2–3 minutes.",
            "On the side, airway open; stay with the person and on the line.",
        ),
    ),
    WhatToDo(
        Sign.SEIZURE,
        Sign.SEIZURE.label,
        "911 now",
        (
            "Withdrawal from alcohol, benzodiazepines or other sedatives can be life-threatening.",
            "Nobody leaves the person alone; nothing in the mouth, hard objects away.",
            "Stay on the line until help is there.",
        ),
    ),
    WhatToDo(
        Sign.SUICIDE,
        Sign.SUICIDE.label,
        "988, by call or text",
        (
            "Ask plainly: are you thinking of killing yourself? Do you have a plan, and the means near you?",
            "A plan and means, or acting on it: 911, and stay on the line.",
            "Otherwise connect to 988 together, and get a clinician now.",
        ),
    ),
    WhatToDo(
        Sign.VIOLENCE,
        Sign.VIOLENCE.label,
        "Is it safe to talk?",
        (
            "In danger now: 911.",
            "National Domestic Violence Hotline: 1-800-799-7233.",
            "Agree a safe time and number; leave no voicemail unless they say so.",
        ),
    ),
    WhatToDo(
        Sign.WITHDRAWAL,
        Sign.WITHDRAWAL.label,
        "Medical provider today",
        (
            "Do not advise stopping alcohol, benzodiazepines or other sedatives at once and alone.",
            "A seizure, confusion, fever or chest pain: 911 or the emergency department.",
            "Past withdrawal seizure? Tell the medical provider before hanging up.",
        ),
        for_medical_provider=True,
    ),
)
FOR_MEDICAL_PROVIDER = frozenset(each.sign for each in WHAT_TO_DO if each.for_medical_provider)


def what_to_do(signs: Iterable[str]) -> list[WhatToDo]:
    """The instructions for the signs that were heard, emergencies first."""
    heard = set(signs)
    return [each for each in WHAT_TO_DO if each.sign in heard]
