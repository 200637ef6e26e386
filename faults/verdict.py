"""What became of promises: each is sent or explained, none twice, nothing left in anyone's hands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from faults.promises import Promised
from faults.provider import TEXT, Taken
from reminders.delivery import HAS_IT, REPORTED
from reminders.models import DeliveryAttempt, DeliveryReceipt, InboxItem, Reminder, StaffTask
from staff.models import StaffMember

State = Reminder.State
IN_DOUBT = "may have arrived"


@dataclass
class Row:
    """One row of the table."""

    fault: str
    channel: str
    reports: bool = False  # whether the provider reported what became of texts
    promised: int = 0
    sent: int = 0
    explained: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    doubles: int = 0  # arrived twice
    dropped: int = 0  # came twice, and the provider dropped the second by its key
    found: int = 0  # not sent again, because the provider was asked and had it
    told: int = 0  # the same, because the provider reported it before it was asked
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
    arrived = Counter(
        promised.to.get(each.to, 0)
        for each in taken
        if each.to not in to_staff and not each.is_double and not each.is_failed
    )
    failed = {promised.to.get(each.to, 0) for each in taken if each.is_failed}
    # The inbox of the product takes each reminder once, by a constraint.
    arrived.update(InboxItem.objects.filter(reminder__in=promised.ids).values_list("reminder", flat=True))
    row.promised = len(promised.ids)
    row.dropped = sum(each.is_double for each in taken)
    found = DeliveryAttempt.objects.filter(reminder__in=promised.ids, outcome=DeliveryAttempt.Outcome.SENT)
    row.found = found.filter(detail=HAS_IT).count()
    row.told = found.filter(detail=REPORTED).count()
    row.doubles = sum(times - 1 for of, times in arrived.items() if of and times > 1)
    row.doubles += sum(times - 1 for times in nudges.values())
    in_doubt = 0
    unexplained: Counter[str] = Counter()
    for pk, reminder in reminders.items():
        if reminder.state == State.SENT:
            row.sent += 1
            if not arrived[pk]:
                how = "was not delivered" if pk in failed else "never reached the provider"
                row.wrong.append(f"reminder {pk} is marked as sent and {how}")
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
    tasks_of_sent = StaffTask.objects.open().filter(reminder__in=promised.ids, reminder__state=State.SENT).count()
    if tasks_of_sent:
        row.wrong.append(f"{tasks_of_sent} sent, and somebody still has a task")
    still_open = DeliveryAttempt.objects.filter(
        reminder__in=promised.ids, outcome=DeliveryAttempt.Outcome.STARTED
    ).count()
    if still_open:
        row.wrong.append(f"{still_open} tries still open")


def heard(row: Row, promised: Promised, taken: Collection[Taken], answers: Mapping[str, int]) -> None:
    """Each report of a promised text is on record, once, and read as one of a try. `answers`: to all posts."""
    texts = sum(each.channel == TEXT and each.to in promised.to for each in taken)
    kept = DeliveryReceipt.objects.filter(key__in=[f"reminder-{pk}" for pk in promised.ids])
    unheard = answers.get("0", 0) + sum(number for answer, number in answers.items() if answer >= "500")
    if unheard:
        row.remark += f"{unheard} reports were posted in vain"
    if refused := sum(number for answer, number in answers.items() if "400" <= answer < "500"):
        row.wrong.append(f"{refused} reports were refused")
    if not 2 * texts - unheard <= kept.count() <= 2 * texts:
        row.wrong.append(f"{kept.count()} reports are on record, of {2 * texts}")
    if strange := kept.filter(attempt=None).count():
        row.wrong.append(f"{strange} reports belong to no try")


def must_go(row: Row, promised: Promised, *, but: int = 0) -> None:
    """All leave but those that were not to, and at most `but` more."""
    if row.explained < promised.not_to_go:
        row.wrong.append(f"{row.explained} explained: some of {promised.not_to_go} that were not to go went")
    if row.explained > promised.not_to_go + but:
        row.wrong.append(f"{row.explained} explained, at most {promised.not_to_go + but} had to be")


def _told(reminder: Reminder, tasks: Collection[int]) -> bool:
    """A person knows of it: they called it off themselves, or have a task."""
    return reminder.pk in tasks or reminder.reason == "the appointment was called off"
