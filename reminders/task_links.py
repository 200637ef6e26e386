"""Where a task of a person is done, if an app above this one knows: for example the times to offer a client.

`settings.TASK_LINKS` lists dotted paths of readings `(tasks, staff_member, back)`, with the tasks as a query and `back`
the page to come back to. Each answers with links by the id of their task, only to pages that the person may open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from staff.models import StaffMember
from staff.reading import Reading, each, reads


@dataclass(frozen=True)
class TaskLink:
    """One page that does what a task asks for."""

    words: str
    url: str


@reads
def of(*, tasks: QuerySet[Any, Any], staff_member: StaffMember, back: str) -> Reading[dict[int, Sequence[TaskLink]]]:
    """The links of these tasks (a query of their ids)."""
    sources = [import_string(path) for path in settings.TASK_LINKS]
    found: dict[int, list[TaskLink]] = defaultdict(list)
    for links in (yield from each([one.part(tasks=tasks, staff_member=staff_member, back=back) for one in sources])):
        for task, own in links.items():
            found[task].extend(own)
    return dict(found)
