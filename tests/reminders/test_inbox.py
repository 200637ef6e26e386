"""The inbox: one's own reminders, read and unread, each with the page that it is about."""

import datetime
from typing import Any

import pytest
from django.conf import settings as conf
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from cases.models import Client
from reminders import channels, inbox
from reminders.kinds import KINDS
from reminders.models import InboxItem, Kind, Reminder
from staff.models import StaffMember
from tests import factories

from .passes import TUESDAY_10, one_pass

URL = "/inbox/"


@pytest.fixture
def arrive(schedule_for: Any) -> Any:
    """Something arrives in a colleague's inbox."""

    def make(who: StaffMember, kind: str = Kind.STAFF_TASK, **context: int) -> InboxItem:
        number = InboxItem.objects.count()
        reminder = schedule_for(
            None, TUESDAY_10, client_or_staff=who, kind=kind, context=context, dedupe_key=f"inbox:{number}"
        )
        assert one_pass(TUESDAY_10) == ["sent"]
        return InboxItem.objects.get(reminder=reminder)

    return make


def test_only_its_owner_sees_it(
    arrive: Any, counselor: StaffMember, supervisor: StaffMember, administrator: StaffMember, signed_in: Any
) -> None:
    item = arrive(counselor)
    for other in (supervisor, administrator):
        browser = signed_in(other)
        assert "Task to do" not in browser.get(URL).content.decode()
        for page in ("inbox_open", "inbox_mark"):
            assert browser.post(reverse(f"reminders:{page}", args=[item.pk])).status_code == 404
    item.refresh_from_db()
    assert item.read_at is None
    assert "Task to do" in signed_in(counselor).get(URL).content.decode()


def test_opening_marks_it_as_read_and_leads_to_the_page(
    arrive: Any, counselor: StaffMember, client_record: Client, signed_in: Any
) -> None:
    about = to_staff(counselor, Kind.STAFF_PLAN_DUE, {"client_id": client_record.pk}, "plan")
    item = InboxItem.objects.create(reminder=about, staff_member=counselor, arrived_at=TUESDAY_10)
    browser = signed_in(counselor)
    page = browser.get(URL).content.decode()
    assert client_record.full_name in page
    answer = browser.post(reverse("reminders:inbox_open", args=[item.pk]))
    assert answer["Location"] == reverse("counseling:plan", args=[client_record.pk])
    item.refresh_from_db()
    assert item.read_at is not None
    assert "Nothing unread" in browser.get(URL).content.decode()
    assert client_record.full_name in browser.get(f"{URL}?show=all").content.decode()
    browser.post(reverse("reminders:inbox_mark", args=[item.pk]), {"as": "unread"})
    assert InboxItem.objects.unread().count() == 1


def test_a_client_of_others_is_not_named(arrive: Any, counselor: StaffMember, clinic: Any, signed_in: Any) -> None:
    """They were on the care team when it was scheduled, and are not any more."""
    stranger = factories.ClientFactory(clinic=clinic, family_name="Elsewhere")
    item = arrive(counselor, Kind.STAFF_FOLLOWUP_CALL, client_id=stranger.pk, referral_id=1)
    browser = signed_in(counselor)
    page = browser.get(URL).content.decode()
    assert "Elsewhere" not in page
    assert "Follow-up call" in page
    assert reverse("reminders:inbox_open", args=[item.pk]) not in page
    assert browser.post(reverse("reminders:inbox_open", args=[item.pk]))["Location"] == URL


def test_the_number_unread_is_beside_the_link_and_costs_no_query(
    arrive: Any, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)

    def queries() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/clients/").content.decode()
        return len(asked), page

    queries()
    none, page = queries()
    assert "ow-nav__count" not in page
    for _ in range(3):
        arrive(counselor)
    some, page = queries()
    assert "Inbox 3 unread" in " ".join(strip_tags(page).replace("3", " 3 ").split())
    assert some == none


def test_a_full_inbox_costs_as_much_as_one_with_one_item(
    arrive: Any, counselor: StaffMember, client_record: Client, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    kinds = (Kind.STAFF_PLAN_DUE, Kind.STAFF_TASK, Kind.STAFF_CONSENT_EXPIRING, Kind.STAFF_NOTE_UNSIGNED)
    context: dict[str, Any] = {Kind.STAFF_NOTE_UNSIGNED: {"note_id": 1}}
    counts = []
    for size in (4, 40):
        for number in range(size):
            kind = kinds[number % 4]
            arrive_at = context.get(kind, {"client_id": client_record.pk, "consent_id": number})
            item = InboxItem(staff_member=counselor, arrived_at=TUESDAY_10)
            item.reminder = to_staff(counselor, kind, arrive_at, f"{size}:{number}")
            item.save()
        browser.get(URL)
        with CaptureQueriesContext(connection) as asked:
            browser.get(URL)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def to_staff(who: StaffMember, kind: str, context: dict[str, int], key: str) -> Reminder:
    return Reminder.objects.create(
        clinic=who.clinic,
        kind=kind,
        staff_member=who,
        channel="inbox",
        asked_for=TUESDAY_10,
        due_at=TUESDAY_10,
        dedupe_key=key,
        context=context,
    )


def test_every_kind_to_staff_has_a_page_that_exists() -> None:
    context = dict.fromkeys(("client_id", "note_id", "appointment_id", "inquiry_id", "referral_id"), 1)
    pages = {row.kind: inbox.page(row.kind, context) for row in KINDS.values() if not row.for_clients}
    assert all(pages.values())
    assert set(conf.INBOX_PAGES) <= {*KINDS, "client"}
    assert inbox.page(Kind.STAFF_TASK, {}) == ""


class TestEmail:
    def test_it_says_that_something_waits_and_nothing_else(self, arrive: Any, counselor: StaffMember) -> None:
        arrive(counselor)
        arrive(counselor)
        now = timezone.now()
        assert inbox.nudge_due(now) == 1
        [letter] = mail.outbox
        assert letter.to == [counselor.email]
        assert letter.body == "Reminder: something is waiting for you. Please sign in."
        assert inbox.nudge_due(now) == 0

    def test_once_an_hour_at_most_and_not_for_what_was_read(self, arrive: Any, counselor: StaffMember) -> None:
        arrive(counselor)
        now = timezone.now()
        inbox.nudge_due(now)
        arrive(counselor)
        later = now + datetime.timedelta(minutes=59)
        assert inbox.nudge_due(later) == 0
        assert inbox.nudge_due(now + datetime.timedelta(minutes=61)) == 1
        item = arrive(counselor)
        inbox.mark(item=item, is_read=True, by=counselor)
        assert inbox.nudge_due(now + datetime.timedelta(hours=3)) == 0

    def test_who_does_not_want_it_gets_none(self, arrive: Any, counselor: StaffMember, signed_in: Any) -> None:
        browser = signed_in(counselor)
        browser.post(reverse("reminders:inbox_email"), {})
        arrive(counselor)
        assert inbox.nudge_due(timezone.now()) == 0
        browser.post(reverse("reminders:inbox_email"), {"email": "on"})
        counselor.refresh_from_db()
        assert counselor.inbox_by_email
        assert inbox.nudge_due(timezone.now()) == 1

    def test_a_mail_server_that_is_down_costs_the_email_alone(
        self, arrive: Any, counselor: StaffMember, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = arrive(counselor)

        def down(*_: Any) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr(channels, "send", down)
        assert inbox.nudge_due(timezone.now()) == 0
        item.refresh_from_db()
        assert item.read_at is None


def test_a_second_delivery_changes_nothing(arrive: Any, counselor: StaffMember) -> None:
    item = arrive(counselor)
    message = channels.message(
        counselor.clinic, to=f"inbox:{counselor.pk}", body="x", key=f"reminder-{item.reminder_id}"
    )
    channels.send("inbox", message)
    assert InboxItem.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        InboxItem.objects.create(reminder=item.reminder, staff_member=counselor, arrived_at=TUESDAY_10)
    with pytest.raises(channels.Undeliverable):
        channels.send(
            "inbox", channels.message(counselor.clinic, to="robin@person.example", body="x", key="reminder-1")
        )


def test_all_at_once(arrive: Any, counselor: StaffMember, supervisor: StaffMember, signed_in: Any) -> None:
    for who in (counselor, counselor, supervisor):
        arrive(who)
    assert signed_in(counselor).post(reverse("reminders:inbox_all_read")).status_code == 302
    assert [item.staff_member for item in InboxItem.objects.unread()] == [supervisor]
