"""What the phone company sends: signed, once, stored at once, and read by a worker."""

import datetime
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import caches
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases.models import Client
from demo.phone_company import TOKEN, PhoneCompany
from reminders import opt_outs, tasks, webhooks, what_came
from reminders.models import CrisisReply, DeliveryReceipt, IncomingMessage, NumberFact, OptOut, StaffTask
from staff.models import Clinic, StaffMember
from tests.counseling.tampering import behind_the_triggers
from tests.reminders.phones import CELL, MINUTE, OURS, SITE, casey, company, tries

from .conftest import reachable
from .passes import TUESDAY_10, fresh, one_pass

__all__ = ["casey", "company"]

EXEMPT = [
    r"^health/$",
    r"^messages/(incoming|status)/$",
]  # tests/launcher/test_production_settings.py: as in production


@pytest.fixture(autouse=True)
def _nobody_counted() -> Iterator[None]:
    caches["brief"].clear()
    yield
    caches["brief"].clear()


@pytest.fixture
def site(settings: Any, company: PhoneCompany) -> str:
    settings.PUBLIC_URL = SITE
    return SITE


def text(**fields: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "From": CELL, "To": OURS, "Body": "STOP", "AccountSid": "AC1", **fields}


def post(company: PhoneCompany, name: str, sent: dict[str, str], query: str = "", **extra: Any) -> int:
    """As it comes through the proxy: to another host and port than the one it was signed for."""
    path = reverse(f"reminders:{name}") + query
    signature = extra.pop("signature", company.sign(f"{SITE}{path}", sent))
    return (
        Browser(enforce_csrf_checks=True)
        .post(
            path,
            urlencode(sent),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
            **extra,
        )
        .status_code
    )


def test_what_comes_without_https_is_refused_and_led_nowhere(site: str, company: PhoneCompany, settings: Any) -> None:
    """A redirect would hide that the message, with its number, went over the network in plain (ASVS 4.1.2)."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = EXEMPT
    assert post(company, "message_incoming", text()) == 403
    assert not IncomingMessage.objects.exists()
    assert Browser().get("/account/login/").status_code == 301
    assert post(company, "message_incoming", text(), secure=True) == 200


class TestSignature:
    def test_ours_is_that_of_the_official_package(self, settings: Any) -> None:
        """The values of twilio 9.13's RequestValidator."""
        settings.TWILIO_AUTH_TOKEN = "12345"
        fields = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
            ("Caller", "+14158675309"),
        ]
        url = "https://mycompany.com/myapp.php?foo=1&bar=2"
        assert webhooks.is_signed(url, fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        assert not webhooks.is_signed(f"{url}1", fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        assert not webhooks.is_signed(url, fields[1:], "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        words = [
            ("MessageSid", "SM1"),
            ("From", "+15185550130"),
            ("To", "+15185550100"),
            ("Body", "Sí, ¡claro! ñ + & = %"),
        ]
        address = "https://onward.clinic.example/messages/incoming/"
        assert webhooks.is_signed(address, words, "kG1vprsRS3/eMxtq7JYPN6jJj1g=")
        settings.TWILIO_AUTH_TOKEN = ""
        assert not webhooks.is_signed(url, fields, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")

    def test_the_port_may_be_in_it_or_not(self, site: str, company: PhoneCompany) -> None:
        sent = text()
        signed = company.sign(f"{SITE}:443/messages/incoming/", sent)
        assert post(company, "message_incoming", sent, signature=signed) == 200

    def test_unsigned_is_refused_and_logged_without_its_content(
        self, site: str, company: PhoneCompany, caplog: Any
    ) -> None:
        for name in ("message_incoming", "message_status"):
            assert post(company, name, text(Body="I drank"), signature="no") == 403
            assert post(company, name, text(), signature="") == 403
            assert post(company, name, text(), signature="ñ") == 403
        assert post(company, "message_incoming", {}) == 403
        assert not IncomingMessage.objects.exists()
        assert not DeliveryReceipt.objects.exists()
        assert "Refused a request to /messages/incoming/" in caplog.text
        assert "drank" not in caplog.text
        assert CELL not in caplog.text

    def test_a_changed_number_or_word_is_not_signed(self, site: str, company: PhoneCompany) -> None:
        signature = company.sign(f"{SITE}/messages/incoming/", text())
        assert post(company, "message_incoming", text(Body="START"), signature=signature) == 403
        assert post(company, "message_status", text(), signature=signature) == 403

    def test_who_knocks_too_often_unsigned_is_sent_away(self, site: str, company: PhoneCompany) -> None:
        answers = [post(company, "message_incoming", text(), signature="no") for _ in range(32)]
        assert answers == [403] * 30 + [429] * 2
        assert post(company, "message_incoming", text()) == 200, "what is signed always comes in"
        assert post(company, "message_incoming", text(), signature="no", REMOTE_ADDR="198.51.100.7") == 403

    def test_nothing_huge_and_nothing_but_posts(self, site: str, company: PhoneCompany) -> None:
        assert post(company, "message_incoming", text(Body="x" * 70_000)) == 413
        assert Browser().get(reverse("reminders:message_incoming")).status_code == 405


class TestReplies:
    def test_a_reply_is_stored_at_once_and_read_by_a_worker(
        self, site: str, company: PhoneCompany, casey: Client
    ) -> None:
        assert post(company, "message_incoming", text(Body="STOP")) == 200
        [message] = IncomingMessage.objects.all()
        assert (message.clinic, message.contact_value, message.handled_at) == (casey.clinic, CELL, None)
        assert not OptOut.objects.exists()
        assert what_came.read(timezone.now()) == 1
        assert OptOut.objects.get().contact_value == CELL
        assert what_came.read(timezone.now()) == 0
        opt_outs.confirm_due(timezone.now())
        assert company.bodies() == ["You will get no more messages from us at this address."]

    def test_the_same_message_counts_once(self, site: str, company: PhoneCompany, casey: Client) -> None:
        for _ in range(3):
            assert post(company, "message_incoming", text(Body="please call me")) == 200
            what_came.read(timezone.now())
        assert IncomingMessage.objects.count() == 1
        assert StaffTask.objects.filter(kind="reply").count() == 1
        row = IncomingMessage.objects.get()
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()

    def test_each_clinic_has_its_own_number(
        self, site: str, company: PhoneCompany, casey: Client, other_clinic: Clinic
    ) -> None:
        other_clinic.text_number = "+15185550900"
        other_clinic.save()
        post(company, "message_incoming", text(MessageSid="SM2", To="+15185550900"))
        post(company, "message_incoming", text(MessageSid="SM3", To="+15185550999"))
        what_came.read(timezone.now())
        assert [out.clinic for out in OptOut.objects.all()] == [other_clinic]
        with pytest.raises(IntegrityError), transaction.atomic():
            Clinic.objects.filter(pk=other_clinic.pk).update(text_number=OURS)
        with pytest.raises(IntegrityError), transaction.atomic():
            Clinic.objects.filter(pk=other_clinic.pk).update(text_number="518-555-0100")

    def test_danger_is_answered_by_text(self, site: str, company: PhoneCompany, casey: Client) -> None:
        post(company, "message_incoming", text(Body="I want to end it all"))
        what_came.read(timezone.now())
        assert CrisisReply.objects.get().client == casey
        assert company.bodies() == [], "nothing leaves while it is read: that may be rolled back"
        tasks.answer_danger()
        assert company.bodies() == ["If you are in danger call 911. To talk to someone now call or text 988."]

    def test_spanish_is_answered_in_spanish_and_in_one_text(
        self, site: str, company: PhoneCompany, casey: Client
    ) -> None:
        post(company, "message_incoming", text(MessageSid="SM1", Body="me quiero matar"))
        what_came.read(timezone.now())
        tasks.answer_danger()
        post(company, "message_incoming", text(MessageSid="SM2", Body="BASTA"))
        what_came.read(timezone.now())
        tasks.confirm_replies()
        assert company.bodies() == [
            "Si esta en peligro llame al 911. Para hablar con alguien ahora llame al 988 y oprima 2, o escriba AYUDA "
            "al 988.",
            "Ya no recibira mensajes de nosotros en este numero o correo.",
        ]

    def test_one_that_breaks_leaves_the_others_and_ends_with_a_person(
        self, site: str, company: PhoneCompany, casey: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post(company, "message_incoming", text(MessageSid="SM1", Body="a riddle"))
        post(company, "message_incoming", text(MessageSid="SM2", Body="STOP"))
        receive = opt_outs.receive

        def fail(**fields: Any) -> Any:
            if fields["words"] == "a riddle":
                raise RuntimeError
            return receive(**fields)

        monkeypatch.setattr(opt_outs, "receive", fail)
        for _ in range(6):
            what_came.read(timezone.now())
        assert OptOut.objects.count() == 1
        assert StaffTask.objects.get().sentence == "A text could not be sorted. Read it: “a riddle”"
        assert not IncomingMessage.objects.filter(handled_at=None).exists()

    @pytest.mark.django_db(transaction=True)
    def test_two_at_the_same_moment_are_one(self, site: str, company: PhoneCompany, casey: Client) -> None:
        """The provider repeats what it got no answer to, and the second may come while the first is being stored."""
        together, answers = threading.Barrier(2), list[int]()

        def send() -> None:
            together.wait()
            answers.append(post(company, "message_incoming", text(Body="please call me")))
            what_came.read(timezone.now())
            connection.close()

        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        what_came.read(timezone.now())
        assert answers == [200, 200]
        assert IncomingMessage.objects.count() == 1
        assert StaffTask.objects.filter(kind="reply").count() == 1


class TestReports:
    def report(self, company: PhoneCompany, reminder: Any, status: str, code: str = "", sid: str = "SM9") -> int:
        sent = {"MessageSid": sid, "MessageStatus": status, "To": CELL, "From": OURS}
        if code:
            sent["ErrorCode"] = code
        moment = urlencode({"key": f"reminder-{reminder.pk}", "tried": (TUESDAY_10 + MINUTE).isoformat()})
        return post(company, "message_status", sent, f"?{moment}")

    def read(self) -> None:
        what_came.read_reports(TUESDAY_10 + 5 * MINUTE)

    def test_a_delivery_is_kept_with_its_try(
        self, site: str, company: PhoneCompany, casey: Client, schedule_for: Any
    ) -> None:
        company.behavior.reports = False
        reminder = schedule_for(casey, TUESDAY_10)
        one_pass(TUESDAY_10)
        for _ in range(2):
            assert self.report(company, reminder, "sent") == 200
            assert self.report(company, reminder, "delivered") == 200
        self.read()
        [attempt] = reminder.delivery_attempts.all()
        assert [each.status for each in attempt.receipts.all()] == ["sent", "delivered"]
        assert fresh(reminder).state == "sent"

    def test_a_report_that_comes_before_its_try_has_ended_waits_for_it(
        self, site: str, company: PhoneCompany, casey: Client, schedule_for: Any
    ) -> None:
        company.behavior.reports = False
        reminder = schedule_for(casey, TUESDAY_10)
        one_pass(TUESDAY_10)
        behind_the_triggers(
            "reminders_deliveryattempt", "UPDATE reminders_deliveryattempt SET outcome = 'started', finished_at = NULL"
        )
        self.report(company, reminder, "undelivered", "30006")
        for _ in range(9):  # more often than a report that breaks is tried
            self.read()
        receipt = DeliveryReceipt.objects.get()
        assert (receipt.handled_at, receipt.tries) == (None, 0)
        assert fresh(reminder).state == "sent"
        reminder.delivery_attempts.update(outcome="sent", finished_at=TUESDAY_10)
        self.read()
        assert fresh(reminder).state == "failed"
        assert StaffTask.objects.open().filter(reminder=reminder).count() == 1

    def test_undelivered_without_another_way_is_a_task(
        self, site: str, company: PhoneCompany, casey: Client, schedule_for: Any
    ) -> None:
        company.behavior.reports = False
        reminder = schedule_for(casey, TUESDAY_10)
        one_pass(TUESDAY_10)
        self.report(company, reminder, "undelivered", "30006")
        self.read()
        why = "not delivered: this number can’t get text messages: it is a landline or out of its network"
        assert (fresh(reminder).state, reminder.reason) == ("failed", why)
        assert tries(reminder) == [("sms", "failed", why)]
        assert StaffTask.objects.open().filter(reminder=reminder).count() == 1
        assert NumberFact.objects.get().kind == "no_texts"

    def test_undelivered_goes_on_by_the_next_way_while_it_is_of_use(
        self, site: str, company: PhoneCompany, casey: Client, counselor: StaffMember, schedule_for: Any
    ) -> None:
        company.behavior.reports = False
        reminder = schedule_for(casey, TUESDAY_10)
        one_pass(TUESDAY_10)
        reachable(casey, counselor)
        self.report(company, reminder, "undelivered", "30003")
        self.read()
        assert (fresh(reminder).state, reminder.channel, reminder.sent_at) == ("pending", "email", None)
        assert reminder.reason == "not delivered: the phone is off or out of reach. Next: email"
        assert one_pass(reminder.due_at) == ["sent"]
        assert [each[:2] for each in tries(reminder)] == [("sms", "failed"), ("email", "sent")]
        self.report(company, reminder, "failed", "30008")  # late news of the first try changes nothing
        self.read()
        assert fresh(reminder).state == "sent"

    def test_too_late_for_another_way_is_a_task(
        self, site: str, company: PhoneCompany, casey: Client, counselor: StaffMember, schedule_for: Any
    ) -> None:
        company.behavior.reports = False
        reminder = schedule_for(casey, TUESDAY_10, not_after=TUESDAY_10 + MINUTE)
        one_pass(TUESDAY_10)
        reachable(casey, counselor)
        self.report(company, reminder, "undelivered", "30003")
        self.read()
        assert fresh(reminder).state == "failed"

    def test_a_try_in_doubt_is_answered_by_a_report(
        self, site: str, company: PhoneCompany, casey: Client, schedule_for: Any, settings: Any
    ) -> None:
        settings.TWILIO_TIMEOUT = 0.3
        company.behavior.reports, company.behavior.hang = False, 1
        reminder = schedule_for(casey, TUESDAY_10)
        assert one_pass(TUESDAY_10) == ["pending"]
        self.report(company, reminder, "delivered")
        self.read()
        assert fresh(reminder).state == "sent"
        assert one_pass(TUESDAY_10 + datetime.timedelta(hours=1)) == []
        assert len(company.bodies()) == 1

    def test_one_that_breaks_leaves_the_others_and_is_given_up(
        self, site: str, company: PhoneCompany, casey: Client, schedule_for: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without a count it would end the job every minute, and no later report would ever be read."""
        company.behavior.reports = False
        riddle = schedule_for(casey, TUESDAY_10)
        one_pass(TUESDAY_10)
        later = schedule_for(casey, TUESDAY_10 + datetime.timedelta(days=1))
        one_pass(TUESDAY_10 + datetime.timedelta(days=1))
        self.report(company, riddle, "undelivered", "30003", sid="SM1")
        self.report(company, later, "delivered", sid="SM2")
        learn = what_came._learn

        def fail(receipt: DeliveryReceipt, *args: Any) -> None:
            if receipt.provider_id == "SM1":
                raise RuntimeError
            learn(receipt, *args)

        monkeypatch.setattr(what_came, "_learn", fail)
        self.read()
        assert DeliveryReceipt.objects.get(handled_at=None).provider_id == "SM1"
        for _ in range(what_came.MOST_TRIES):
            self.read()
        assert not DeliveryReceipt.objects.filter(handled_at=None).exists()
        [task] = StaffTask.objects.all()
        assert (task.client, "did not arrive" in task.sentence) == (casey, True)
        assert fresh(riddle).state == "sent"

    def test_what_is_told_to_stop_stops(
        self, site: str, company: PhoneCompany, casey: Client, schedule_for: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stop(*_: Any, **__: Any) -> None:
            raise SoftTimeLimitExceeded

        company.behavior.reports = False
        reminder = schedule_for(casey, TUESDAY_10)
        one_pass(TUESDAY_10)
        self.report(company, reminder, "delivered")
        monkeypatch.setattr(what_came, "_learn", stop)
        with pytest.raises(SoftTimeLimitExceeded):
            self.read()
        post(company, "message_incoming", text(Body="please call me"))
        monkeypatch.setattr(opt_outs, "receive", stop)
        with pytest.raises(SoftTimeLimitExceeded):
            what_came.read_messages(timezone.now())

    def test_nonsense_changes_nothing(self, site: str, company: PhoneCompany, casey: Client) -> None:
        for number, key in enumerate(("reminder-999999", "opt-out-3", "x", "reminder-²", "reminder-" + "9" * 40)):
            sent = {"MessageSid": f"SM{number}", "MessageStatus": "failed"}
            assert post(company, "message_status", sent, "?" + urlencode({"key": key, "tried": "soon"})) == 200
        assert post(company, "message_status", {"MessageSid": "SM1"}) == 200
        self.read()
        assert not DeliveryReceipt.objects.filter(handled_at=None).exists()

    @pytest.mark.django_db(transaction=True)
    def test_all_the_way_through_a_running_site(
        self, live_server: Any, company: PhoneCompany, casey: Client, schedule_for: Any, settings: Any
    ) -> None:
        """A text, its reports, a reply: each over HTTP between the site and the phone company."""
        settings.PUBLIC_URL = live_server.url
        company.incoming_url = f"{live_server.url}/messages/incoming/"
        company.behavior.report[CELL] = ("undelivered", "30006")
        reminder = schedule_for(casey, TUESDAY_10)
        assert one_pass(TUESDAY_10) == ["sent"]
        for _ in range(100):
            if len(company.reported) == 2:
                break
            threading.Event().wait(0.05)
        assert company.reported == [200, 200]
        assert company.pass_on(sender=CELL, to=OURS, body="Sí, I can’t come & sorry +1") == 200
        assert company.token == TOKEN
        what_came.read(timezone.now())
        assert fresh(reminder).state == "failed"
        assert IncomingMessage.objects.get().words == "Sí, I can’t come & sorry +1"


def test_the_life_of_a_reminder_tells_what_the_provider_reported(
    site: str, company: PhoneCompany, casey: Client, counselor: StaffMember, schedule_for: Any, signed_in: Any
) -> None:
    company.behavior.reports = False
    reminder = schedule_for(casey, TUESDAY_10)
    one_pass(TUESDAY_10)
    reports = TestReports()
    reports.report(company, reminder, "sent")
    reports.report(company, reminder, "undelivered", "30003")
    reports.read()
    page = signed_in(counselor).get(reverse("reminders:life", args=[casey.pk, reminder.pk])).content.decode()
    assert "Handed to the phone company" in page
    assert "Not delivered: the phone is off or out of reach" in page
    assert "Text message to" in " ".join(page.split())
    assert "(518) 555-0130" in page
    assert "30003" not in page
