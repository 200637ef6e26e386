"""The pages of reminders: plain words, the one button that helps, and no more than a role may know."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from privacy import consents
from privacy.models import Consent
from reminders import chart, delivery, manual_actions, staff_tasks, today
from reminders.models import Kind, OptOut, Reminder, StaffTask
from staff.models import StaffMember
from staff.refusals import NotPermitted
from tests import factories

from .conftest import ADDRESS, reachable, utc

TUESDAY_10 = utc(2026, 3, 3, 15, 0)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture(autouse=True)
def _tuesday(time_machine: Any) -> None:
    time_machine.move_to(TUESDAY_10, tick=False)


def send_due() -> None:
    for reminder_id, claim in delivery.claim_due(timezone.now(), 100):
        delivery.deliver(reminder_id, claim, timezone.now())


def test_the_chart_tells_what_became_of_each(
    schedule: Any, robin: Client, counselor: StaffMember, signed_in: Any
) -> None:
    schedule(TUESDAY_10)
    schedule(utc(2026, 3, 4, 15, 0), kind=Kind.CLIENT_MEETING_FOLLOWUP)
    send_due()
    page = reverse("reminders:client_reminders", args=[robin.pk])
    said = text(signed_in(counselor).get(page))
    assert "Sent Tue, Mar 3, 10:00 AM" in said
    assert "Scheduled for Wed, Mar 4, 10:00 AM" in said
    assert "After a mutual-help meeting" in said
    consents.revoke(consent=Consent.objects.get(), by=counselor)
    said = text(signed_in(counselor).get(page))
    assert "Won’t be sent: consent revoked" in said  # derived: nobody had to cancel it
    shown = chart.panel(client=robin, staff_member=counselor, now=timezone.now())
    assert shown is not None
    assert [told.words for told in shown.context["told"]] == [
        "Sent Tue, Mar 3, 10:00 AM",
        "Won’t be sent: consent revoked",
    ]


def test_the_intake_coordinator_sees_contact_and_time_only(
    schedule: Any, robin: Client, intake: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    schedule(utc(2026, 3, 4, 15, 0), kind=Kind.CLIENT_MEETING_FOLLOWUP)
    for url in (reverse("reminders:reminders"), reverse("reminders:client_reminders", args=[robin.pk])):
        table = text(signed_in(intake).get(url))
        assert "Scheduled for Wed, Mar 4, 10:00 AM" in table
        assert "mutual-help" not in table
        assert "mutual-help" in text(signed_in(supervisor).get(url))


def test_others_clients_and_clinics_are_not_shown(
    schedule: Any, make_client: Any, make_staff: Any, other_clinic: Any, counselor: StaffMember, signed_in: Any
) -> None:
    hidden = make_client(family_name="Hiddenperson")
    elsewhere = make_client(clinic=other_clinic, family_name="Elsewhereperson")
    for number, client in enumerate((hidden, elsewhere)):
        schedule(utc(2026, 3, 4, 15, 0), client_or_staff=client, dedupe_key=str(number))
        staff_tasks.add(clinic=client.clinic, client=client, sentence="Hiddentask", at=TUESDAY_10)
    colleague = make_staff("counselor", family_name="Hiddencolleague")
    schedule(utc(2026, 3, 4, 15, 0), client_or_staff=colleague, kind=Kind.STAFF_NOTE_UNSIGNED, dedupe_key="staff")
    said = text(signed_in(counselor).get(reverse("reminders:reminders")))
    assert "Hidden" not in said
    assert "Elsewhere" not in said
    for client in (hidden, elsewhere):
        assert signed_in(counselor).get(reverse("reminders:client_reminders", args=[client.pk])).status_code == 404
    assert not today.needs(staff_member=counselor, now=timezone.now())


def test_canceling_and_retrying(schedule: Any, robin: Client, supervisor: StaffMember, signed_in: Any) -> None:
    reminder = schedule(utc(2026, 3, 4, 15, 0))
    browser = signed_in(supervisor)
    cancel = reverse("reminders:cancel", args=[robin.pk, reminder.pk])
    assert "Enter a reason for canceling" in text(browser.post(cancel, {"reason": " "}, follow=True))
    assert "Canceled: told them on the phone" in text(
        browser.post(cancel, {"reason": "told them on the phone"}, follow=True)
    )
    assert "no longer scheduled" in text(browser.post(cancel, {"reason": "again"}, follow=True))
    browser.post(reverse("reminders:retry", args=[robin.pk, reminder.pk]), {"reason": "New address"})
    reminder.refresh_from_db()
    assert (reminder.state, reminder.due_at) == ("pending", TUESDAY_10)
    send_due()
    with pytest.raises(manual_actions.NotFailed):
        manual_actions.retry(reminder=reminder, reason="Again", by=supervisor)


def test_a_counselor_cannot_cancel(schedule: Any, robin: Client, counselor: StaffMember, signed_in: Any) -> None:
    reminder = schedule(utc(2026, 3, 4, 15, 0))
    assert signed_in(counselor).post(reverse("reminders:cancel", args=[robin.pk, reminder.pk])).status_code == 403
    with pytest.raises(NotPermitted):
        manual_actions.cancel(reminder=reminder, reason="x", by=counselor)


def test_nobody_is_sent_to_another_site_after_an_act(schedule: Any, supervisor: StaffMember, signed_in: Any) -> None:
    reminder = schedule(utc(2026, 3, 4, 15, 0))
    url = reverse("reminders:cancel", args=[reminder.client_id, reminder.pk])
    answer = signed_in(supervisor).post(url, {"reason": "x", "next": "https://elsewhere.example/"})
    assert answer["Location"] == reverse("reminders:reminders")


def test_an_unsent_reminder_is_on_today_until_someone_handles_it(
    schedule: Any, robin: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    consents.revoke(consent=Consent.objects.get(), by=counselor)
    schedule(TUESDAY_10)
    send_due()
    [need] = today.needs(staff_member=counselor, now=timezone.now())
    assert need.client_name == robin.full_name
    assert "A reminder for Mar 3, 2026, 10:00 AM was not sent: consent revoked." in need.detail
    task = StaffTask.objects.get()
    browser = signed_in(counselor)
    assert "was not sent: consent revoked" in text(browser.get(reverse("reminders:client_reminders", args=[robin.pk])))
    browser.post(reverse("reminders:task_done", args=[task.pk]))
    task.refresh_from_db()
    assert task.done_by == counselor
    assert today.needs(staff_member=counselor, now=timezone.now()) == []
    with pytest.raises(staff_tasks.AlreadyDone):
        staff_tasks.done(task=task, by=supervisor)


def test_a_stuck_outbox_is_on_today(schedule: Any, administrator: StaffMember) -> None:
    schedule(TUESDAY_10 - datetime.timedelta(minutes=20))
    [need] = today.needs(staff_member=administrator, now=timezone.now())
    assert need.title == "Reminders are not being sent"


def test_stop_said_to_a_person_and_taken_back(
    schedule: Any, robin: Client, counselor: StaffMember, signed_in: Any
) -> None:
    browser = signed_in(counselor)
    point = robin.contact_points.get()
    browser.post(reverse("reminders:opted_out", args=[robin.pk, point.pk]), {"words": "no more of these"})
    assert OptOut.objects.in_force().get().recorded_by == counselor
    page = text(browser.get(reverse("reminders:client_reminders", args=[robin.pk])))
    assert "opt-out" in page
    browser.post(reverse("reminders:opted_in", args=[robin.pk, point.pk]))
    assert not OptOut.objects.in_force().exists()


def test_filters(schedule: Any, supervisor: StaffMember, signed_in: Any) -> None:
    schedule(TUESDAY_10 - datetime.timedelta(days=1), dedupe_key="overdue")
    schedule(TUESDAY_10 + datetime.timedelta(hours=2), dedupe_key="today")
    schedule(TUESDAY_10 + datetime.timedelta(days=3), dedupe_key="week", kind=Kind.CLIENT_CHECKUP)
    schedule(TUESDAY_10 + datetime.timedelta(days=30), dedupe_key="month")
    browser = signed_in(supervisor)

    def shown(**asked: str) -> set[str]:
        page = browser.get(reverse("reminders:reminders"), asked).context["page"]
        return {reminder.dedupe_key for reminder in page.rows}

    assert shown() == {"overdue", "today", "week", "month"}
    assert shown(due="overdue") == {"overdue"}
    assert shown(due="today") == {"today"}
    assert shown(due="week") == {"today", "week"}
    assert shown(kind="client_checkup") == {"week"}
    assert shown(state="sent") == set()


def test_the_list_pages_by_key_without_losing_ties(schedule: Any, supervisor: StaffMember, signed_in: Any) -> None:
    for number in range(120):
        schedule(TUESDAY_10 - datetime.timedelta(hours=number // 40), dedupe_key=str(number))
    browser, seen, after = signed_in(supervisor), [], ""
    for _ in range(10):
        page = browser.get(reverse("reminders:reminders"), {"after": after}).context["page"]
        seen += [reminder.pk for reminder in page.rows]
        after = page.next
        if not after:
            break
    assert len(seen) == len(set(seen)) == 120


def test_lists_cost_the_same_with_one_row_and_three(
    schedule: Any, robin: Client, counselor: StaffMember, supervisor: StaffMember, signed_in: Any
) -> None:
    browser, counts = signed_in(supervisor), []
    urls = [reverse("reminders:reminders"), reverse("reminders:client_reminders", args=[robin.pk])]
    for rows in (range(1), range(1, 3)):
        for number in rows:
            other = factories.ClientFactory(clinic=robin.clinic, counselor=counselor)
            reachable(other, counselor, f"other{number}@person.example")
            for client in (robin, other):
                schedule(TUESDAY_10, dedupe_key=f"{number}{client.pk}", client_or_staff=client)
                staff_tasks.add(clinic=client.clinic, client=client, sentence="x", at=TUESDAY_10)
        each = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url).status_code == 200
            each.append(len(queries))
        counts.append(each)
    assert counts[0] == counts[1]


class TestMailbox:
    @pytest.fixture(autouse=True)
    def _folder(self, settings: Any, tmp_path: Path) -> None:
        settings.MAILBOX_DIR = str(tmp_path / "mailbox")
        settings.EMAIL_BACKEND = "reminders.mailbox.MailboxBackend"

    def test_a_reminder_can_be_read_and_replied_to(
        self, schedule: Any, counselor: StaffMember, signed_in: Any, robin: Client
    ) -> None:
        browser = signed_in(counselor)
        assert "No messages yet" in text(browser.get(reverse("reminders:mailbox")))
        schedule(TUESDAY_10)
        call_command("send_due_reminders")
        said = text(browser.get(reverse("reminders:mailbox")))
        assert "Your appointment office" in said
        assert ADDRESS in said
        assert "Reminder: you have an appointment on Sunday, Mar 8 at 10:00 AM." in said
        letter = f"reminder-{Reminder.objects.get().pk}@localhost"
        answer = browser.post(reverse("reminders:reply", args=[letter]), {"words": "please stop"}, follow=True)
        assert "gets no more messages" in text(answer)
        assert OptOut.objects.in_force().get().contact_value == ADDRESS

    def test_the_provider_takes_a_second_copy_for_the_first(self, schedule: Any, settings: Any) -> None:
        from django.core.mail import EmailMessage

        for _ in range(2):
            assert EmailMessage("Reminder", "x", to=[ADDRESS], headers={"Message-ID": "<reminder-1@localhost>"}).send()
        assert len(list(Path(settings.MAILBOX_DIR).iterdir())) == 1

    @pytest.mark.parametrize("name", ["..%2Fsecret", "nothing", ".hidden", "reminder-9@localhost"])
    def test_only_its_own_letters(self, name: str, counselor: StaffMember, signed_in: Any, settings: Any) -> None:
        (Path(settings.MAILBOX_DIR).parent / "secret.eml").write_text("Subject: x\n\nx")
        assert signed_in(counselor).get(f"/mailbox/{name}/").status_code == 404

    def test_it_is_not_there_in_production(self, counselor: StaffMember, signed_in: Any, settings: Any) -> None:
        settings.MAILBOX_DIR = None
        browser = signed_in(counselor)
        assert browser.get(reverse("reminders:mailbox")).status_code == 404
        assert browser.get("/mailbox/reminder-1@localhost/").status_code == 404
        assert browser.post("/mailbox/reminder-1@localhost/reply/", {"words": "x"}).status_code == 404
        assert "Demo mailbox" not in text(browser.get(reverse("reminders:reminders")))


class TestAdministration:
    def test_a_wording_is_checked_previewed_and_kept_in_the_clinic(
        self, administrator: StaffMember, other_clinic: Any, signed_in: Any
    ) -> None:
        from reminders.models import MessageTemplate

        browser = signed_in(administrator)
        add = reverse("admin:reminders_messagetemplate_add")
        typed = {"kind": "client_appointment", "channel": "email", "language": "en"}
        typed |= {"subject": "Hello", "body": "See you {day}."}
        assert "reveals what this is about" in text(browser.post(add, {**typed, "body": "Your AA group {day}"}))
        assert "{name} isn’t a variable" in text(browser.post(add, {**typed, "body": "Hi {name}"}))
        assert "Write variables as" in text(browser.post(add, {**typed, "body": "Hi {day"}))
        assert "Write variables as" in text(browser.post(add, {**typed, "body": "Hi {day!r}"}))
        assert "over 160" in text(browser.post(add, {**typed, "body": "{day}" * 20}))
        assert browser.post(add, typed).status_code == 302
        template = MessageTemplate.objects.get()
        assert template.clinic == administrator.clinic
        change = reverse("admin:reminders_messagetemplate_change", args=[template.pk])
        assert "See you Wednesday, Sep 30. (26 characters)" in text(browser.get(change))
        assert browser.post(add, typed).status_code == 200  # one wording for each kind
        stranger = factories.StaffMemberFactory(clinic=other_clinic, role="administrator")
        assert signed_in(stranger).get(change).status_code == 302

    def test_the_outbox_is_read_only_there(self, schedule: Any, counselor: StaffMember, signed_in: Any) -> None:
        supervisor = factories.StaffMemberFactory(clinic=counselor.clinic, role="supervisor", is_staff=True)
        reminder = schedule(TUESDAY_10)
        browser = signed_in(supervisor)
        change = reverse("admin:reminders_reminder_change", args=[reminder.pk])
        assert browser.get(change).status_code == 200
        assert browser.post(change, {"state": "sent"}).status_code == 403
        assert browser.get(reverse("admin:reminders_reminder_add")).status_code == 403
        assert browser.get(reverse("admin:reminders_reminder_changelist") + "?q=x").status_code == 200
