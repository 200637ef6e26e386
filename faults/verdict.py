"""What became of promises: each is sent or explained, none twice, nothing left in anyone's hands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from faults.promises import Promised
from faults.provider import Taken
from reminders.delivery import HAS_IT
from reminders.models import DeliveryAttempt, InboxItem, Reminder, StaffTask
from staff.models import StaffMember

State = Reminder.State
IN_DOUBT = "may have arrived"


@dataclass
class Row:
    """One row of the table."""

    fault: str
    channel: str
    promised: int = 0
    sent: int = 0
    explained: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    doubles: int = 0  # arrived twice
    dropped: int = 0  # came twice, and the provider dropped the second by its key
    found: int = 0  # not sent again, because the provider was asked and had it
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    remark: str = ""

    @property
    def holds(self) -> bool:
        """Whether everything that was promised was kept."""
        return not self.wrong


def judge(row: Row, promised: Promised, taken: Collection[Taken], *, may_be_in_doubt: int = 0) -> None:
    """Fill in the row. So many messages may be left in doubt to a person: where a double would be seen."""
    reminders = {each.pk: each for each in Reminder.objects.filter(pk__in=promised.ids)}
    tasks = set(StaffTask.objects.filter(reminder__in=promised.ids).values_list("reminder", flat=True))
    # An email to staff only says that something waits in their inbox: nobody was promised it, none comes twice.
    to_staff = set(StaffMember.objects.values_list("email", flat=True))
    nudges = Counter(each.key for each in taken if each.to in to_staff and not each.is_double)
    arrived = Counter(promised.to.get(each.to, 0) for each in taken if each.to not in to_staff and not each.is_double)
    # The inbox of the product takes each reminder once, by a constraint.
    arrived.update(InboxItem.objects.filter(reminder__in=promised.ids).values_list("reminder", flat=True))
    row.promised = len(promised.ids)
    row.dropped = sum(each.is_double for each in taken)
    found = DeliveryAttempt.objects.filter(reminder__in=promised.ids, outcome=DeliveryAttempt.Outcome.SENT)
    row.found = found.filter(detail=HAS_IT).count()
    row.doubles = sum(times - 1 for of, times in arrived.items() if of and times > 1)
    row.doubles += sum(times - 1 for times in nudges.values())
    in_doubt = 0
    unexplained: Counter[str] = Counter()
    for pk, reminder in reminders.items():
        if reminder.state == State.SENT:
            row.sent += 1
            if not arrived[pk]:
                row.wrong.append(f"reminder {pk} is marked as sent and never reached the provider")
        elif reminder.state in (State.CANCELLED, State.FAILED) and reminder.reason and _told(reminder, tasks):
            row.explained += 1
            in_doubt += IN_DOUBT in reminder.reason
            row.reasons[reminder.reason.partition(":")[0]] += 1
        else:
            unexplained[f"{reminder.state}: {reminder.reason or 'no reason'}"] += 1
        if reminder.state != State.SENT and arrived[pk] and IN_DOUBT not in reminder.reason:
            row.wrong.append(f"reminder {pk} arrived, and is “{reminder.state}: {reminder.reason}”")
    row.wrong += [f"{times} neither sent nor explained ({how})" for how, times in unexplained.items()]
    if unknown := arrived.get(0, 0):
        row.wrong.append(f"{unknown} messages that nobody promised")
    if row.doubles:
        row.wrong.append(f"{row.doubles} arrived twice")
    if in_doubt > may_be_in_doubt:
        row.wrong.append(f"{in_doubt} left in doubt, at most {may_be_in_doubt} had to be")
    still_open = DeliveryAttempt.objects.filter(
        reminder__in=promised.ids, outcome=DeliveryAttempt.Outcome.STARTED
    ).count()
    if still_open:
        row.wrong.append(f"{still_open} tries still open")


def must_go(row: Row, promised: Promised, *, but: int = 0) -> None:
    """All leave but those that were not to, and at most `but` more."""
    if row.explained < promised.not_to_go:
        row.wrong.append(f"{row.explained} explained: some of {promised.not_to_go} that were not to go went")
    if row.explained > promised.not_to_go + but:
        row.wrong.append(f"{row.explained} explained, at most {promised.not_to_go + but} had to be")


def _told(reminder: Reminder, tasks: Collection[int]) -> bool:
    """A person knows of it: they called it off themselves, or have a task."""
    return reminder.pk in tasks or reminder.reason == "the appointment was called off"
