"""A danger sign is told from the moment it was heard, whatever was decided, evaluated or ended before that.

The one owner of when a sign of a call was heard is cases.danger_sign_times.
"""

import datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import assessments, safety
from cases.intake import inquiries
from cases.medical import medical_needs
from cases.models import Client, Inquiry
from cases.panels import today, today_medical, today_safety
from cases.safety import call_dangers
from staff.models import StaffMember
from staff.models.clinic import MedicalIntensity
from staff.needs import Need, Urgency
from tests import factories

NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)
HOUR, DAY = 3600, 86400
NO_CHECK = {"next_check_on": None, "no_check_because": "Seen tomorrow."}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def call(client_record: Client, intake: StaffMember) -> Inquiry:
    """A call about a client, without a sign, that was called back."""
    taken = inquiries.take(by=intake, given_name="Danger", reason="asks")
    taken = inquiries.link(inquiry=taken, client=client_record, by=intake)
    return inquiries.move(inquiry=taken, stage="screening", by=intake)


def told(reader: StaffMember) -> list[Need]:
    """What Today says under Now of the danger in the call."""
    found = today.needs(staff_member=reader, now=timezone.now())
    return [each for each in found if each.kind == "Inquiries" and each.is_danger]


def decide(client: Client, by: StaffMember) -> None:
    row = assessments.record(client=client, by=by)
    assessments.decide(assessment=row, setting=1, medical=MedicalIntensity.NONE, reason="Asked.", by=by)


def concerns(client: Client) -> list[safety.SafetyFact]:
    return safety.open_concerns(client=client, on=client.today)


def evaluated(client: Client, by: StaffMember) -> None:
    safety.evaluate(client=client, found="No plan.", done="Means locked away.", by=by, **NO_CHECK)


@pytest.mark.parametrize("sign", ["overdose_now", "seizure", "violence"])
def test_a_sign_heard_after_a_decision_waits(
    call: Inquiry, counselor: StaffMember, intake: StaffMember, clock: Any, sign: str
) -> None:
    assert call.client is not None
    clock.shift(60)
    decide(call.client, counselor)
    clock.shift(HOUR)
    call = inquiries.amend(inquiry=call, by=intake, danger_signs=[sign])
    assert call_dangers.waiting([call]) == {call.pk: [sign]}
    assert told(intake)
    clock.shift(60)
    decide(call.client, counselor)
    assert call_dangers.waiting([call]) == {}


def test_a_second_sign_waits_where_the_first_was_evaluated(
    intake: StaffMember, medical: StaffMember, clock: Any
) -> None:
    taken = inquiries.take(by=intake, given_name="Danger", danger_signs=["violence"])
    taken = inquiries.move(inquiry=taken, stage="called_back", by=intake)
    medical_needs.record_evaluation(inquiry=taken, found="At her sister's.", done="Seen.", need=0, by=medical)
    assert call_dangers.waiting([taken]) == {}
    clock.shift(HOUR)
    taken = inquiries.amend(inquiry=taken, by=intake, danger_signs=["overdose_now", "violence"])
    assert call_dangers.waiting([taken]) == {taken.pk: ["overdose_now"]}


@pytest.mark.parametrize("days", [0, 90])
def test_withdrawal_heard_after_a_decision_is_the_medical_providers(
    call: Inquiry, counselor: StaffMember, intake: StaffMember, medical: StaffMember, clock: Any, days: int
) -> None:
    assert call.client is not None
    clock.shift(60)
    decide(call.client, counselor)
    clock.shift(HOUR + days * DAY)
    call = inquiries.amend(inquiry=call, by=intake, danger_signs=["withdrawal"])
    [line] = today_medical.needs(staff_member=medical, now=timezone.now())
    assert (line.title, line.due) == ("Medical provider today", timezone.localdate(timezone=call.clinic.zone))
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 3.", done="Seen.", need=0, by=medical)
    assert today_medical.needs(staff_member=medical, now=timezone.now()) == []


def test_withdrawal_heard_after_an_evaluation_is_evaluated_again(
    call: Inquiry, intake: StaffMember, medical: StaffMember, clock: Any
) -> None:
    call = inquiries.amend(inquiry=call, by=intake, danger_signs=["withdrawal"])
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 3.", done="Seen.", need=0, by=medical)
    call = inquiries.amend(inquiry=call, by=intake, danger_signs=[])
    clock.shift(HOUR)
    inquiries.amend(inquiry=call, by=intake, danger_signs=["withdrawal"])
    assert [each.title for each in today_medical.needs(staff_member=medical, now=timezone.now())] == [
        "Medical provider today"
    ]


def test_suicide_heard_again_is_a_concern_again(
    client_record: Client, intake: StaffMember, counselor: StaffMember, clock: Any
) -> None:
    taken = inquiries.take(by=intake, given_name="Danger", danger_signs=["suicide"])
    taken = inquiries.link(inquiry=taken, client=client_record, by=intake)
    [first] = concerns(client_record)
    assert first.key == f"call {taken.pk}", "evaluations on record keep answering it"
    clock.shift(HOUR)
    evaluated(client_record, counselor)
    taken = inquiries.amend(inquiry=taken, by=intake, danger_signs=[], no_danger_because="Evaluated.")
    clock.shift(DAY)
    taken = inquiries.amend(inquiry=taken, by=intake, danger_signs=["suicide"])
    [again] = concerns(client_record)
    assert again.at == timezone.now()
    assert "May 21, 2026" in again.sentence
    assert today_safety.needs(staff_member=intake, now=timezone.now())
    with pytest.raises(safety.EvaluateFirst):
        inquiries.amend(inquiry=taken, by=intake, danger_signs=[])
    clock.shift(HOUR)
    evaluated(client_record, counselor)
    assert concerns(client_record) == []


def test_an_evaluation_dated_before_it_was_heard_again_does_not_answer(
    client_record: Client, intake: StaffMember, counselor: StaffMember, clock: Any
) -> None:
    taken = inquiries.take(by=intake, given_name="Danger")
    taken = inquiries.link(inquiry=taken, client=client_record, by=intake)
    clock.shift(DAY)
    inquiries.amend(inquiry=taken, by=intake, danger_signs=["suicide"])
    an_hour_ago = timezone.now() - datetime.timedelta(hours=1)
    safety.evaluate(
        client=client_record, found="No plan.", done="Talked.", by=counselor, evaluated_at=an_hour_ago, **NO_CHECK
    )
    assert concerns(client_record)


@pytest.mark.parametrize("sign", ["suicide", "overdose_now", "withdrawal"])
@pytest.mark.parametrize("ended", ["closed", "referred"])
def test_a_sign_heard_after_the_end_waits_until_it_is_ended_again(
    intake: StaffMember, supervisor: StaffMember, sign: str, ended: str
) -> None:
    taken = inquiries.take(by=intake, given_name="Danger", danger_signs=["violence"])
    taken = inquiries.move(inquiry=taken, stage=ended, by=intake, reason="Safe at her sister's.")
    assert call_dangers.waiting([taken]) == {}
    taken = inquiries.amend(inquiry=taken, by=intake, danger_signs=["violence", sign])
    assert call_dangers.waiting([taken]) == {taken.pk: [sign]}
    for reader in (intake, supervisor):
        [need] = told(reader)
        assert need.urgency == Urgency.NOW
        assert need.detail.startswith(Inquiry.DangerSign(sign).label)
        assert need.url == reverse("cases:inquiry", args=[taken.pk])
    with pytest.raises(inquiries.SayWhyNoDanger):
        inquiries.amend(inquiry=taken, by=intake, danger_signs=["violence"])
    taken = inquiries.move(inquiry=taken, stage="screening", by=intake, reason="Called again.")
    assert sign in call_dangers.waiting([taken])[taken.pk]
    taken = inquiries.move(inquiry=taken, stage=ended, by=intake, reason="Police are with her.")
    assert call_dangers.waiting([taken]) == {}
    assert not told(intake)


def test_withdrawal_heard_after_the_end_is_the_medical_providers(
    call: Inquiry, intake: StaffMember, medical: StaffMember, clock: Any
) -> None:
    call = inquiries.move(inquiry=call, stage="closed", by=intake, reason="Goes elsewhere.")
    clock.shift(HOUR)
    call = inquiries.amend(inquiry=call, by=intake, danger_signs=["withdrawal"])
    [line] = today_medical.needs(staff_member=medical, now=timezone.now())
    assert line.title == "Medical provider today"
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 3.", done="Seen.", need=0, by=medical)
    assert today_medical.needs(staff_member=medical, now=timezone.now()) == []


def test_suicide_heard_after_the_end_of_a_call_about_a_client_is_a_concern(call: Inquiry, intake: StaffMember) -> None:
    call = inquiries.move(inquiry=call, stage="closed", by=intake, reason="Goes elsewhere.")
    inquiries.amend(inquiry=call, by=intake, danger_signs=["suicide"])
    assert call.client is not None
    assert [each.is_of("call", call.pk) for each in concerns(call.client)] == [True]


def test_only_an_ended_call_has_signs_heard_after_the_end(intake: StaffMember) -> None:
    taken = inquiries.take(by=intake, given_name="Danger")
    with pytest.raises(IntegrityError, match="only_an_ended_call"), transaction.atomic():
        Inquiry.objects.filter(pk=taken.pk).update(signs_after_end=["seizure"])


@pytest.mark.parametrize("sign", ["overdose_now", "seizure", "violence"])
def test_a_danger_to_a_client_is_told_to_the_care_team_and_to_medical(
    call: Inquiry, intake: StaffMember, counselor: StaffMember, medical: StaffMember, make_staff: Any,
    signed_in: Any, sign: str,
) -> None:  # fmt: skip
    outsider = make_staff()
    assert call.client is not None
    inquiries.amend(inquiry=call, by=intake, danger_signs=[sign])
    for reader in (counselor, medical):
        [need] = told(reader)
        assert need.urgency == Urgency.NOW
        assert need.detail.startswith(Inquiry.DangerSign(sign).label)
        assert signed_in(reader).get(need.url).status_code == 200
    assert not told(outsider)


def test_medical_hears_of_a_caller_before_anybody_called_back_and_of_withdrawal_once(
    intake: StaffMember, medical: StaffMember
) -> None:
    inquiries.take(by=intake, given_name="Danger", danger_signs=["withdrawal"])
    assert not told(medical)
    inquiries.take(by=intake, given_name="Danger", danger_signs=["withdrawal", "seizure"])
    [need] = told(medical)
    assert need.title == "Danger sign on a call"
    assert need.detail == "Seizure, confusion or hallucinations: no one has called back yet"


def test_queries_do_not_grow_with_dangers(intake: StaffMember, medical: StaffMember, counselor: StaffMember) -> None:
    def asked() -> list[int]:
        counts = []
        for reader in (intake, medical, counselor):
            with CaptureQueriesContext(connection) as queries:
                today.needs(staff_member=reader, now=NOW)
            counts.append(len(queries))
        return counts

    def tell(count: int) -> None:
        for _ in range(count):
            client = factories.ClientFactory(clinic=intake.clinic, counselor=counselor)
            taken = inquiries.take(by=intake, given_name="Danger")
            taken = inquiries.link(inquiry=taken, client=client, by=intake)
            taken = inquiries.move(inquiry=taken, stage="closed", reason="Elsewhere.", by=intake)
            inquiries.amend(inquiry=taken, by=intake, danger_signs=["seizure"])

    tell(2)
    few = asked()
    tell(8)
    assert len(told(intake)) == len(told(medical)) == len(told(counselor)) == 10
    assert asked() == few


def test_another_sign_is_corrected_while_suicide_is_open(call: Inquiry, intake: StaffMember) -> None:
    call = inquiries.amend(inquiry=call, by=intake, danger_signs=["suicide", "overdose_now", "withdrawal"])
    call = inquiries.amend(
        inquiry=call, by=intake, danger_signs=["suicide"], no_danger_because="He sat up and talked to me."
    )
    assert call.danger_signs == ["suicide"]
    with pytest.raises(safety.EvaluateFirst):
        inquiries.amend(inquiry=call, by=intake, danger_signs=[], no_danger_because="Ticked by mistake.")


def test_why_a_sign_was_taken_off_stands_beside_why_the_place_came_out_of_turn(
    intake: StaffMember, signed_in: Any
) -> None:
    taken = inquiries.take(by=intake, given_name="Danger", danger_signs=["violence"])
    taken = inquiries.move(inquiry=taken, stage="waitlist", any_program=True, by=intake)
    before = taken.stage_reason
    assert before == inquiries.ANY_PROGRAM
    taken = inquiries.amend(inquiry=taken, by=intake, danger_signs=[], no_danger_because="Ticked by mistake.")
    assert taken.stage_reason == before
    page = signed_in(intake).get(reverse("cases:inquiry", args=[taken.pk])).content.decode()
    assert "Ticked by mistake. Removed: Not safe where they are now" in page
