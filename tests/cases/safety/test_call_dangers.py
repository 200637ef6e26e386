"""A danger that a call told of stands first on Today until somebody has answered for it.

The one owner of “this call's danger still waits” is cases.call_dangers.
"""

import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import safety
from cases.intake import inquiries
from cases.medical import medical_needs
from cases.models import Inquiry
from cases.panels import today_safety
from cases.panels.today import needs
from staff.models import Role, StaffMember
from staff.needs import Need, Urgency

NOW = datetime.datetime(2026, 5, 20, 16, tzinfo=datetime.UTC)
Stage = Inquiry.Stage


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def called_back(by: StaffMember, *signs: str) -> Inquiry:
    """A call with these danger signs, after somebody called back."""
    call = inquiries.take(by=by, given_name="Danger", danger_signs=[*signs])
    return inquiries.move(inquiry=call, stage=Stage.CALLED_BACK, by=by)


def dangers(reader: StaffMember, name: str = "Danger") -> list[Need]:
    found = needs(staff_member=reader, now=NOW)
    return [each for each in found if each.is_danger and each.client_name == name and each.kind == "Inquiries"]


@pytest.mark.parametrize("stage", [Stage.CALLED_BACK, Stage.SCREENING, Stage.WAITLIST])
@pytest.mark.parametrize("sign", ["suicide", "overdose_now", "seizure", "violence", "withdrawal"])
def test_a_moved_call_is_still_heard_by_all_who_answer(
    intake: StaffMember, supervisor: StaffMember, stage: str, sign: str
) -> None:
    call = inquiries.take(by=intake, given_name="Danger", danger_signs=[sign])
    inquiries.move(inquiry=call, stage=stage, any_program=True, by=intake)
    for reader in (intake, supervisor):
        [need] = dangers(reader)
        assert need.urgency == Urgency.NOW
        assert Inquiry.DangerSign(sign).label in need.detail
        assert need.url == reverse("cases:inquiry", args=[call.pk])


def test_a_counselor_who_took_the_call_goes_on_hearing_of_it(counselor: StaffMember, make_staff: Any) -> None:
    call = inquiries.take(by=counselor, given_name="Danger", danger_signs=["suicide"])
    inquiries.move(inquiry=call, stage=Stage.CALLED_BACK, by=counselor)
    assert dangers(counselor)
    assert not dangers(make_staff(role=Role.COUNSELOR))
    assert not dangers(make_staff(role=Role.ADMINISTRATOR))


def test_an_assigned_call_says_the_danger_before_the_next_step(intake: StaffMember, counselor: StaffMember) -> None:
    call = inquiries.take(by=intake, given_name="Danger", danger_signs=["suicide"])
    Inquiry.objects.filter(pk=call.pk).update(assigned_to=counselor)
    for reader in (intake, counselor):
        assert dangers(reader), reader
    assert needs(staff_member=counselor, now=NOW)[0].is_danger


def test_a_draft_with_a_danger_is_heard_by_its_taker_and_by_who_answers(
    intake: StaffMember, supervisor: StaffMember, make_staff: Any
) -> None:
    call = inquiries.save_draft(by=intake, given_name="Danger", danger_signs=["suicide"])
    [own] = dangers(intake)
    assert own.url == reverse("cases:inquiry_edit", args=[call.pk])
    for reader in (supervisor, make_staff(role=Role.INTAKE_COORDINATOR)):
        [need] = dangers(reader)
        assert need.urgency == Urgency.NOW
        assert need.url == reverse("cases:inquiry", args=[call.pk])


def test_a_draft_without_one_stays_its_takers(intake: StaffMember, supervisor: StaffMember) -> None:
    inquiries.save_draft(by=intake, given_name="Half")
    assert [each.title for each in needs(staff_member=intake, now=NOW)] == ["Finish recording a call"]
    assert needs(staff_member=supervisor, now=NOW) == []


def test_it_ends_where_the_call_is_closed_with_a_reason(intake: StaffMember) -> None:
    call = inquiries.take(by=intake, given_name="Danger", danger_signs=["suicide", "violence"])
    with pytest.raises(inquiries.StageReasonNeeded):
        inquiries.move(inquiry=call, stage=Stage.CLOSED, by=intake)
    assert dangers(intake)
    inquiries.move(inquiry=call, stage=Stage.CLOSED, reason="Police are with her.", by=intake)
    assert not dangers(intake)


@pytest.mark.parametrize("stage", [Stage.NEW, Stage.CALLED_BACK])
def test_a_sign_that_waits_is_not_taken_off_without_a_word(
    intake: StaffMember, stage: str, signed_in: Any, supervisor: StaffMember
) -> None:
    call = inquiries.take(by=intake, given_name="Danger", danger_signs=["suicide", "violence"])
    Inquiry.objects.filter(pk=call.pk).update(stage=stage)
    with pytest.raises(inquiries.SayWhyNoDanger):
        inquiries.amend(inquiry=call, by=intake, danger_signs=["violence"])
    browser, url = signed_in(supervisor), reverse("cases:inquiry_edit", args=[call.pk])
    typed = {"given_name": "Danger", "relation": "self", "language": "English", "danger_signs": ["violence"]}
    refused = browser.post(url, typed)
    assert refused.status_code == 422
    assert "say why it is being removed" in refused.content.decode()
    assert 'name="no_danger_because"' in refused.content.decode()
    assert [each.detail.partition(":")[0] for each in dangers(intake)] == [
        "Thoughts of suicide, Not safe where they are now"
    ]
    assert browser.post(url, typed | {"no_danger_because": "Ticked by mistake."}).status_code == 302
    assert (
        "Ticked by mistake. Removed: Thoughts of suicide"
        in browser.get(reverse("cases:inquiry", args=[call.pk])).content.decode()
    )
    [left] = dangers(intake)
    assert left.detail.startswith("Not safe where they are now")


def test_what_somebody_answered_for_may_be_corrected_and_a_draft_is_still_being_typed(
    intake: StaffMember, medical: StaffMember
) -> None:
    call = called_back(intake, "withdrawal")
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 3.", done="Seen.", need=0, by=medical)
    assert inquiries.amend(inquiry=call, by=intake, danger_signs=[]).danger_signs == []
    draft = inquiries.save_draft(by=intake, given_name="Half", danger_signs=["suicide"])
    assert inquiries.save_draft(by=intake, inquiry=draft, danger_signs=[]).danger_signs == []


def test_once_linked_suicide_is_a_safety_concern_and_said_once(
    intake: StaffMember, counselor: StaffMember, client_record: Any
) -> None:
    call = called_back(intake, "suicide")
    inquiries.link(inquiry=call, client=client_record, assigned_to=counselor, by=intake)
    assert not dangers(intake)
    for reader in (intake, counselor):
        assert [each.kind for each in today_safety.needs(staff_member=reader, now=NOW)] == ["Safety"]


def test_once_linked_withdrawal_is_the_medical_providers(
    intake: StaffMember, medical: StaffMember, client_record: Any
) -> None:
    call = called_back(intake, "withdrawal")
    assert dangers(intake)
    inquiries.link(inquiry=call, client=client_record, by=intake)
    assert not dangers(intake)
    assert [each.title for each in needs(staff_member=medical, now=NOW)] == ["Medical provider today"]


def test_a_medical_evaluation_of_the_call_answers_withdrawal_and_not_suicide(
    intake: StaffMember, medical: StaffMember
) -> None:
    call = called_back(intake, "withdrawal", "suicide")
    medical_needs.record_evaluation(inquiry=call, found="CIWA-Ar 3.", done="Seen.", need=0, by=medical)
    [need] = dangers(intake)
    assert need.detail.startswith("Thoughts of suicide")


def test_other_signs_of_a_linked_call_wait_for_a_clinician(
    intake: StaffMember, counselor: StaffMember, client_record: Any, clock: Any
) -> None:
    call = called_back(intake, "violence")
    inquiries.link(inquiry=call, client=client_record, by=intake)
    assert dangers(intake)
    safety.evaluate(
        client=client_record, found="At her sister's.", done="Safe number agreed.", next_check_on=None,
        no_check_because="Seen tomorrow", by=counselor,
    )  # fmt: skip
    assert not dangers(intake)


def test_dangers_are_never_cut_and_asked_in_a_fixed_number_of_queries(intake: StaffMember) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            needs(staff_member=intake, now=NOW)
        return len(queries)

    for _ in range(2):
        call = inquiries.take(by=intake, given_name="Danger", danger_signs=["seizure"])
        inquiries.move(inquiry=call, stage=Stage.CALLED_BACK, by=intake)
    few = asked()
    for _ in range(25):
        call = inquiries.take(by=intake, given_name="Danger", danger_signs=["seizure"])
        inquiries.move(inquiry=call, stage=Stage.SCREENING, by=intake)
    assert len(dangers(intake)) == 27
    assert asked() == few
