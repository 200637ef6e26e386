"""Whether the causes of messages still hold: asked of the apps that own them, just before sending.

settings.REMINDER_CAUSES names a function for each kind: `gone(reminders) -> {reminder id: why}`, with those whose cause
is gone and no others, in a number of queries that does not grow with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from django.conf import settings
from django.utils.module_loading import import_string

from reminders.models import Reminder
from staff.reading import Reading, Reads, known, reads
from staff.reading import each as each_of

Gone = Callable[[Sequence[Reminder]], dict[int, str]]


@reads
def gone(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which of these have lost their cause, with the reason in plain words."""
    asked: dict[str, list[Reminder]] = defaultdict(list)
    for each in reminders:
        if path := settings.REMINDER_CAUSES.get(each.kind):
            asked[path].append(each)
    answers = yield from each_of([_ask(import_string(path), own) for path, own in asked.items()])
    return {pk: why for found in answers for pk, why in found.items()}


def _ask(gone_of: Gone, reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Together with the others, if the function is one that reads."""
    return gone_of.part(reminders) if isinstance(gone_of, Reads) else known(gone_of(reminders))
