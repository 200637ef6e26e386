"""Whose a reminder is by what it is about, which its context names by the ids of rows (settings.REMINDER_CLIENTS).

No message goes to anyone but the client whose appointment, plan or stay it is about. They differ after two records were
merged by mistake and are two again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from reminders.models import Reminder
from staff.reading import Reading, Reads, known, reads
from staff.reading import each as each_of

OF_ANOTHER = "it is about another client"


@reads
def owners(contexts: Iterable[dict[str, Any]]) -> Reading[dict[str, dict[int, int]]]:
    """By key of the contexts: whose the rows with these ids are. Without an answer where there is none."""
    asked: dict[str, set[int]] = defaultdict(set)
    for context in contexts:
        for key in settings.REMINDER_CLIENTS.keys() & context.keys():
            asked[key].add(context[key])
    keys = sorted(asked)
    answers = yield from each_of([_ask(import_string(settings.REMINDER_CLIENTS[key]), asked[key]) for key in keys])
    return {key: dict(answer) for key, answer in zip(keys, answers, strict=True)}


@reads
def strays(reminders: Sequence[Reminder]) -> Reading[dict[int, str]]:
    """Which messages to clients are about another one, with the reason; asked just before they leave."""
    to_clients = [each for each in reminders if each.client_id is not None]
    found = yield from owners.part([each.context for each in to_clients])
    return {each.pk: OF_ANOTHER for each in to_clients if _whose(each, found) - {each.client_id}}


def followers(*, here: int, there: int) -> dict[str, list[int]]:
    """Reminders of the record `here` about rows of the other's, for an undone merge (settings.MERGE_FOLLOWERS)."""
    reminders = list(Reminder.objects.filter(client=here).only("pk", "client", "context"))
    found = owners([each.context for each in reminders])
    return {"reminders.Reminder.client": [each.pk for each in reminders if _whose(each, found) == {there}]}


def _whose(reminder: Reminder, found: dict[str, dict[int, int]]) -> set[int]:
    return {whose[row] for key, whose in found.items() if (row := reminder.context.get(key)) in whose}


def _ask(function: Callable[[set[int]], Any], ids: set[int]) -> Reading[Any]:
    return function.part(ids) if isinstance(function, Reads) else known(function(ids))
