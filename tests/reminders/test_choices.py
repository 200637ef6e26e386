"""What a clinic switches off and a client does not want; the clinic's own words in two languages; and the pages."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from cases.models import Client
from reminders import causes, choices, own_wordings, wordings
from reminders.kinds import KINDS, Kind
from reminders.models import ClientChoice, KindSwitch, MessageTemplate, Reminder, StaffTask
from staff.models import AuditEntry, Clinic, ClinicThreshold, StaffMember
from staff.refusals import NotPermitted
from tests import factories

from .conftest import utc
from .passes import one_pass

TUESDAY_10 = utc(2026, 3, 3, 15)


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(utc(2026, 3, 2, 15), tick=False) as traveller:
        yield traveller


def fresh(reminder: Reminder) -> Reminder:
    return Reminder.objects.select_related("clinic", "client__clinic", "staff_member").get(pk=reminder.pk)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_what_the_clinic_switched_off_is_held_without_a_task(
    schedule: Any, clinic: Clinic, administrator: StaffMember
) -> None:
    reminder = schedule(TUESDAY_10)
    with pytest.raises(choices.WhyNeeded):
        choices.switch(clinic=clinic, kind=Kind.CLIENT_APPOINTMENT, is_on=False, by=administrator)
    off = {"clinic": clinic, "kind": Kind.CLIENT_APPOINTMENT, "is_on": False, "by": administrator}
    made = choices.switch(**off, reason="We call instead")
    assert made is not None
    assert choices.switch(**off, reason="Again") is None  # it is off already
    assert AuditEntry.objects.filter(act="reminders.switch_kind").count() == 1
    assert one_pass(TUESDAY_10) == ["cancelled"]
    assert fresh(reminder).reason == choices.BY_CLINIC
    assert not StaffTask.objects.exists()


def test_what_a_client_does_not_want_others_still_get(
    schedule: Any, robin: Client, counselor: StaffMember, make_client: Any
) -> None:
    mine, theirs = schedule(TUESDAY_10), schedule(TUESDAY_10, client_or_staff=make_client(), dedupe_key="other")
    choices.choose(client=robin, kind=Kind.CLIENT_APPOINTMENT, is_wanted=False, by=counselor)
    assert choices.why_off([mine, theirs]) == {mine.pk: choices.BY_CLIENT}
    choices.choose(client=robin, kind=Kind.CLIENT_APPOINTMENT, is_wanted=True, by=counselor)
    assert choices.why_off([mine, theirs]) == {}
    assert ClientChoice.objects.filter(client=robin).count() == 2  # dated, one after the other


def test_only_kinds_for_clients_are_theirs_to_choose(robin: Client, counselor: StaffMember) -> None:
    with pytest.raises(choices.NotForClients):
        choices.choose(client=robin, kind=Kind.STAFF_PLAN_DUE, is_wanted=False, by=counselor)


def test_another_clinics_switches_are_out_of_reach(other_clinic: Clinic, administrator: StaffMember) -> None:
    stranger = factories.StaffMemberFactory(clinic=other_clinic, role="administrator")
    choices.switch(clinic=other_clinic, kind=Kind.CLIENT_MILESTONE, is_on=False, by=stranger)
    assert not KindSwitch.objects.visible_to(administrator).exists()
    with pytest.raises(NotPermitted):
        choices.switch(clinic=other_clinic, kind=Kind.CLIENT_MILESTONE, is_on=True, by=administrator)
    with pytest.raises(NotPermitted):
        own_wordings.keep(
            clinic=other_clinic, kind=Kind.CLIENT_GROUP, channel="sms", language="en", body="Hi", by=administrator
        )


def test_who_speaks_spanish_reads_spanish(schedule: Any, robin: Client) -> None:
    robin.language = "Spanish"
    robin.save()
    schedule(TUESDAY_10, context={"day": "Sunday, Mar 8", "time": "10:00 AM"})
    assert one_pass(TUESDAY_10) == ["sent"]
    assert mail.outbox[0].subject == "Recordatorio"
    assert mail.outbox[0].body.startswith("Recordatorio: tiene una cita el domingo 8 de mar, 10:00 AM. Llame al")


def test_a_clinics_own_words_count_in_their_language(
    schedule: Any, robin: Client, clinic: Clinic, administrator: StaffMember
) -> None:
    which = {"clinic": clinic, "kind": Kind.CLIENT_APPOINTMENT, "channel": "email", "by": administrator}
    own_wordings.keep(**which, language="en", subject="Hello", body="See you {day}.")
    reminder = fresh(schedule(TUESDAY_10))
    assert wordings.text_of(reminder).body == "See you Sunday, Mar 8."
    robin.language = "Español"
    robin.save()
    assert wordings.text_of(fresh(reminder)).body.startswith("Recordatorio:")
    own_wordings.keep(**which, language="es", body="Nos vemos el {day}.")
    assert wordings.text_of(fresh(reminder)).body == "Nos vemos el domingo 8 de mar."
    assert own_wordings.drop(**which, language="es")
    assert not own_wordings.drop(**which, language="es")


def test_texts_and_causes_of_many_ask_no_more_than_of_one(
    schedule: Any, make_client: Any, django_assert_max_num_queries: Any
) -> None:
    many = [fresh(schedule(TUESDAY_10, client_or_staff=make_client(), dedupe_key=str(n))) for n in range(4)]
    with django_assert_max_num_queries(1):
        wordings.texts(many)
    with django_assert_max_num_queries(1):
        choices.why_off(many)
    with django_assert_max_num_queries(1):
        causes.gone(many)


class TestPages:
    def test_the_list_says_what_is_on_when_and_in_whose_words(
        self, clinic: Clinic, administrator: StaffMember, signed_in: Any, settings: Any
    ) -> None:
        choices.switch(clinic=clinic, kind=Kind.CLIENT_MILESTONE, is_on=False, by=administrator)
        settings.DEFAULT_FROM_EMAIL = "desk@recovery-clinic.org"
        clinic.neutral_name = "Hope Recovery"
        clinic.save()
        page = text(signed_in(administrator).get(reverse("reminders:kinds")))
        for row in KINDS.values():
            assert row.kind.label in page
        assert "“recovery”, “clinic”" in page
        assert "“Hope Recovery” would give something away" in page

    def test_a_promise_is_not_switched_off_by_accident(
        self, clinic: Clinic, administrator: StaffMember, signed_in: Any
    ) -> None:
        browser = signed_in(administrator)
        url = reverse("reminders:kind_switch", args=["staff_interim_clock"])
        answer = browser.post(url, {"is_on": "0", "reason": ""})
        assert answer.status_code == 422
        assert "45 CFR 96.126" in text(answer)
        assert browser.post(url, {"is_on": "0", "reason": "We have our own list"}).status_code == 302
        assert not KindSwitch.objects.get().is_on
        assert "We have our own list" in text(browser.get(reverse("reminders:kind", args=["staff_interim_clock"])))

    def test_times_are_the_clinics_own(self, clinic: Clinic, administrator: StaffMember, signed_in: Any) -> None:
        browser = signed_in(administrator)
        url = reverse("reminders:kind_times", args=["client_appointment"])
        times = {"appointments.remind_days_before": "2", "appointments.remind_hours_before": "2"}
        assert "Enter why" in text(browser.post(url, times))
        assert browser.post(url, {**times, "reason": "Long ways"}).status_code == 302
        assert ClinicThreshold.objects.get().value == 2
        assert browser.post(url, {**times, "appointments.remind_days_before": "99"}).status_code == 422
        browser.post(url, {**times, "appointments.remind_days_before": "1"})
        assert not ClinicThreshold.objects.exists()  # the default again

    def test_of_a_call_the_page_shows_what_the_voice_says(self, administrator: StaffMember, signed_in: Any) -> None:
        page = text(signed_in(administrator).get(reverse("reminders:kind", args=["client_moved"])))
        for channel, replies in (("text message", 1), ("phone call", 0)):
            part = page.split(f"English, {channel} <")[1].split("</p>")[0]
            assert "Your appointment has moved to {day} at {time}. Call {number}." in part
            assert part.count("Reply C to confirm") == replies

    def test_a_wording_is_checked_kept_and_dropped(
        self, clinic: Clinic, administrator: StaffMember, signed_in: Any
    ) -> None:
        browser: Browser = signed_in(administrator)
        url = reverse("reminders:kind_wording", args=["client_appointment"])
        part = {"part": "es-sms", "es-sms-channel": "sms", "es-sms-language": "es"}
        answer = browser.post(url, {**part, "es-sms-body": "Su clínica, {day}"})
        assert answer.status_code == 422
        assert "reveals what this is about" in text(answer)
        assert "2 text messages" in text(browser.post(url, {**part, "es-sms-body": "😀" + "a" * 80}))
        assert browser.post(url, {**part, "es-sms-body": "Nos vemos el {day}."}).status_code == 302
        assert MessageTemplate.objects.get().language == "es"
        page = text(browser.get(reverse("reminders:kind", args=["client_appointment"])))
        assert "33 of 160 characters on the longest day, 1 text message" in page
        assert browser.post(url, {**part, "then": "drop"}).status_code == 302
        assert not MessageTemplate.objects.exists()

    def test_the_chart_takes_the_clients_choice(self, robin: Client, counselor: StaffMember, signed_in: Any) -> None:
        browser = signed_in(counselor)
        page = reverse("reminders:client_reminders", args=[robin.pk])
        assert "Recovery milestone" in text(browser.get(page))
        browser.post(reverse("reminders:choose_kind", args=[robin.pk, "client_milestone"]), {"is_wanted": "0"})
        assert "Not wanted" in text(browser.get(page))
        stranger = factories.StaffMemberFactory(clinic=counselor.clinic)
        url = reverse("reminders:choose_kind", args=[robin.pk, "client_milestone"])
        assert signed_in(stranger).post(url, {"is_wanted": "1"}).status_code == 404
        assert ClientChoice.objects.count() == 1
