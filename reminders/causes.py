"""Whether the causes of messages still hold: asked of the apps that own them, just before sending.

settings.REMINDER_CAUSES names a function for each kind: `gone(reminders) -> {reminder id: why}`, with those whose cause
is gone and no others, in a number of queries that does not grow with them. settings.REMINDER_AFTER_CARE names another:
`agreed(reminders) -> {reminder id}`, with those about something that was agreed on for after the client's care.
settings.REMINDER_HELD names a third: `held(reminders) -> {reminder id: why}`, with those that would say what no longer
holds until a person has changed it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from reminders.models import Reminder
from staff.reading import Reading, Reads, known, reads
from staff.reading import each as each_of

Answer = Callable[[Sequence[Reminder]], Any]


@reads
def gone(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which of these have lost their cause, with the reason in plain words."""
    answers: list[dict[int, str]] = yield from _asked(settings.REMINDER_CAUSES, reminders)
    return {pk: why for found in answers for pk, why in found.items()}


@reads
def held(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which of these a person has to see to first, with the reason in plain words."""
    answers: list[dict[int, str]] = yield from _asked(settings.REMINDER_HELD, reminders)
    return {pk: why for found in answers for pk, why in found.items()}


@reads
def after_care(reminders: Sequence[Reminder]) -> Reading[set[int]]:
    """Which of these are about something that the client agreed to for after their care, by id."""
    answers: list[set[int]] = yield from _asked(settings.REMINDER_AFTER_CARE, reminders)
    return {pk for found in answers for pk in found}


def _asked(paths: Mapping[str, str], reminders: Sequence[Reminder]) -> Reading[list[Any]]:
    """What the apps named for these kinds answer."""
    asked: dict[str, list[Reminder]] = defaultdict(list)
    for each in reminders:
        if path := paths.get(each.kind):
            asked[path].append(each)
    return (yield from each_of([_ask(import_string(path), own) for path, own in asked.items()]))


def _ask(function: Answer, reminders: Sequence[Reminder]) -> Reading[Any]:
    """Together with the others, if the function is one that reads."""
    return function.part(reminders) if isinstance(function, Reads) else known(function(reminders))
