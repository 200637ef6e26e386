"""The privacy officer's queue: clocks of the law, steps that only grow, and nothing that is released by itself."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from cases import merging
from cases.models import Client
from privacy import consents, disclosures, minors, request_queue, today
from privacy.models import AskedAbout, ChartAccess, Disclosure, ListAccess, RecordGiven, RequestStep
from privacy.thresholds import RECORD_COPY_DAYS
from staff.models import AuditEntry, Clinic, ClinicThreshold, Role, StaffMember
from staff.refusals import NotPermitted
from tests import factories

D = datetime.timedelta
SignIn = Callable[[StaffMember], Browser]
WHY = "The client asked at the front desk, in writing."


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def day_of(clinic: Clinic) -> datetime.date:
    return timezone.localdate(timezone=clinic.zone)


def ask(by: StaffMember, kind: str = "record_copy", **facts: Any) -> AskedAbout:
    facts = {"about": "Robin Sample", "relation": "self", "way": "in_person", **facts}
    return minors.record_asked(kind=kind, by=by, **facts)


def standing(request: AskedAbout) -> Any:
    return AskedAbout.objects.with_standing().get(pk=request.pk)


def given(request: AskedAbout, client: Client, by: StaffMember) -> RecordGiven:
    return RecordGiven.objects.create(
        clinic=client.clinic, client=client, asked=request, what="record", form="pdf", to="client", contents={},
        at=timezone.now(), by=by,
    )  # fmt: skip


def ordered(client: Client, by: StaffMember, **facts: Any) -> Disclosure:
    about = {
        "recipient": "Example County Court", "what": "Dates of attendance", "why": "Ordered by the court",
        "basis": "court_order", "authority": "Example County Court, No. 12, Nov 2, 2026",
    }  # fmt: skip
    return disclosures.record(client=client, by=by, **{**about, **facts})


def subpoena(by: StaffMember, **facts: Any) -> AskedAbout:
    about = {"relation": "police", "asked_by": "Example County Court", "answer_by": day_of(by.clinic) + D(9)}
    return ask(by, "subpoena", **about | facts)


@pytest.mark.parametrize(("kind", "days"), [("record_copy", 30), ("accounting", 60), ("records", 14)])
def test_each_kind_is_due_by_its_clock(intake: StaffMember, clinic: Clinic, kind: str, days: int) -> None:
    received = day_of(clinic) - D(3)
    assert ask(intake, kind, received_on=received).answer_by == received + D(days)


def test_a_state_may_give_less_time(intake: StaffMember, clinic: Clinic) -> None:
    ClinicThreshold.objects.create(clinic=clinic, key=RECORD_COPY_DAYS.key, value=15)
    assert ask(intake).answer_by == day_of(clinic) + D(15)


def test_a_request_of_who_left_is_untaken_again(
    intake: StaffMember, privacy_officer: StaffMember, make_staff: Callable[..., StaffMember]
) -> None:
    """Otherwise it would be on nobody's Today until its day is near."""
    asked, colleague = ask(intake), make_staff(Role.PRIVACY_OFFICER)
    request_queue.take(request=asked, owner=privacy_officer, by=privacy_officer)

    def waiting_for(person: StaffMember) -> list[str]:
        needs = today.needs(staff_member=person, now=timezone.now())
        return [each.title for each in needs if each.url == reverse("privacy:request", args=[asked.pk])]

    assert (standing(asked).owner_id, waiting_for(colleague)) == (privacy_officer.pk, [])
    StaffMember.objects.filter(pk=privacy_officer.pk).update(is_active=False)
    assert standing(asked).owner_id is None
    assert [each.partition(":")[0] for each in waiting_for(colleague)] == ["Take a request"]


def test_a_question_is_answered_at_once_and_waits_for_nobody(intake: StaffMember, privacy_officer: StaffMember) -> None:
    asked = ask(intake, "question", relation="parent")
    assert asked.answer_by is None
    assert not standing(asked).waits
    with pytest.raises(request_queue.AlreadyClosed):
        request_queue.take(request=asked, owner=privacy_officer, by=privacy_officer)


@pytest.mark.parametrize("kind", ["subpoena", "court_order"])
def test_papers_of_a_court_are_due_on_the_date_in_them(intake: StaffMember, clinic: Clinic, kind: str) -> None:
    with pytest.raises(minors.DateNamed):
        ask(intake, kind, relation="police")
    named = day_of(clinic) + D(5)
    assert ask(intake, kind, relation="police", answer_by=named).answer_by == named
    with pytest.raises(minors.NotReceivedYet):
        ask(intake, kind, relation="police", answer_by=named, received_on=day_of(clinic) + D(1))


@pytest.mark.parametrize("kind", AskedAbout.Kind.values)
def test_what_is_said_is_the_same_for_a_client_and_for_nobody(
    client_record: Client, make_staff: Any, signed_in: SignIn, clinic: Clinic, kind: str
) -> None:
    pages = []
    for name in (client_record.full_name, "Nobody Whatsoever"):
        desk = signed_in(make_staff(Role.INTAKE_COORDINATOR, given_name="Sam", family_name="Desk"))
        facts = {"about": name, "relation": "parent", "way": "phone", "kind": kind, "answer_by": f"{day_of(clinic)}"}
        page = text(desk.post(reverse("privacy:asked"), facts, follow=True))
        assert name in page
        pages.append(re.sub(r"\d{1,2}:\d{2} [AP]M", "", page.replace(name, "…")))
    assert pages[0] == pages[1]
    assert set(AskedAbout.objects.values_list("answer", "client_id")) == {(minors.words_for(kind), None)}


def test_the_words_name_neither_the_person_nor_the_field() -> None:
    for kind in AskedAbout.Kind.values:
        for revealing in ("client", "patient", "treatment", "substance", "record", "clinic", "counsel"):
            assert revealing not in minors.words_for(kind).lower()


def test_an_extension_has_a_reason_comes_in_time_and_only_once(
    intake: StaffMember, privacy_officer: StaffMember, clinic: Clinic
) -> None:
    request, by = ask(intake), privacy_officer
    due = day_of(clinic) + D(30)
    for until in (due, due + D(31)):
        with pytest.raises(request_queue.NotExtendable):
            request_queue.extend(request=request, until=until, reason=WHY, by=by)
    with pytest.raises(request_queue.ReasonNeeded):
        request_queue.extend(request=request, until=due + D(30), reason="...", by=by)
    request_queue.extend(request=request, until=due + D(30), reason=WHY, by=by)
    assert standing(request).due_on == due + D(30)
    with pytest.raises(request_queue.NotExtendable):
        request_queue.extend(request=request, until=due + D(20), reason=WHY, by=by)


def test_what_is_late_or_not_the_clients_own_is_not_extended(
    intake: StaffMember, privacy_officer: StaffMember, clinic: Clinic
) -> None:
    today = day_of(clinic)
    late = ask(intake, received_on=today - D(31))
    papers = ask(intake, "subpoena", answer_by=today + D(5))
    for request in (late, papers, ask(intake, "records")):
        with pytest.raises(request_queue.NotExtendable):
            request_queue.extend(request=request, until=today + D(10), reason=WHY, by=privacy_officer)


def test_the_database_extends_nothing_else_and_lets_nothing_follow_the_last_step(
    intake: StaffMember, privacy_officer: StaffMember, clinic: Clinic
) -> None:
    own, papers = ask(intake), ask(intake, "subpoena", answer_by=day_of(clinic))
    facts: dict[str, Any] = {"clinic": clinic, "at": timezone.now(), "by": privacy_officer, "reason": WHY}
    due = day_of(clinic) + D(30)
    for request, until in ((own, due + D(31)), (papers, day_of(clinic) + D(3))):
        with pytest.raises(IntegrityError, match="extended once"), transaction.atomic():
            RequestStep.objects.create(asked=request, step="extended", until=until, **facts)
    RequestStep.objects.create(asked=own, step="closed", outcome="withdrawn", **facts)
    with pytest.raises(IntegrityError, match="last step"), transaction.atomic():
        RequestStep.objects.create(asked=own, step="noted", **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestStep.objects.create(asked=papers, step="closed", outcome="denied", **facts | {"reason": ""})


def test_steps_only_grow(intake: StaffMember, privacy_officer: StaffMember) -> None:
    request = ask(intake)
    step = request_queue.note(request=request, reason=WHY, by=privacy_officer)
    for statement in (
        f"UPDATE privacy_requeststep SET reason = 'other' WHERE id = {step.pk}",
        f"DELETE FROM privacy_requeststep WHERE id = {step.pk}",
        "TRUNCATE privacy_requeststep",
        f"UPDATE privacy_askedabout SET answer_by = answer_by + 90 WHERE id = {request.pk}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_subpoena_releases_nothing_by_itself(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, clinic: Clinic
) -> None:
    by, request = privacy_officer, subpoena(intake)

    def close(disclosure: Disclosure | None) -> RequestStep:
        return request_queue.close(request=request, outcome="released", reason=WHY, disclosure=disclosure, by=by)

    with pytest.raises(request_queue.NotReleasable):
        close(None)
    ordered_one = ordered(client_record, by)
    with pytest.raises(request_queue.NotReleasable):
        close(ordered_one)  # nobody was identified yet
    request_queue.identify(request=request, client=client_record, by=by)
    with pytest.raises(request_queue.NotReleasable):
        close(ordered(factories.ClientFactory(clinic=clinic), by))
    emergency = disclosures.record(
        client=client_record, recipient="Dr. Lee Example", affiliation="Example Hospital", what="Current medication",
        why="Found unresponsive", basis="emergency", no_consent="unable", by=by,
    )  # fmt: skip
    with pytest.raises(request_queue.SubpoenaAlone):
        close(emergency)
    with pytest.raises(IntegrityError, match="releases nothing"), transaction.atomic():
        RequestStep.objects.create(
            clinic=clinic, asked=request, step="closed", outcome="released", reason=WHY, disclosure=emergency,
            at=timezone.now(), by=by,
        )  # fmt: skip
    assert standing(request).waits
    close(ordered_one)
    assert not standing(request).waits


def test_the_clients_consent_for_legal_proceedings_lets_it_go(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, clinic: Clinic
) -> None:
    by, request = privacy_officer, subpoena(intake)
    consent = consents.record(
        client=client_record, type="legal", by=by, discloser="Example Clinic", recipients="Example County Court",
        description="Dates of attendance", purpose="Custody proceedings", right_to_revoke_stated=True,
        expires_on=day_of(clinic) + D(90), signed_by_name="Robin Sample", signed_on=day_of(clinic),
    )  # fmt: skip
    told = disclosures.record(
        client=client_record, recipient="Example County Court", what="Dates of attendance", why="Custody proceedings",
        consent=consent, by=by,
    )  # fmt: skip
    request_queue.identify(request=request, client=client_record, by=by)
    request_queue.close(request=request, outcome="released", reason=WHY, disclosure=told, by=by)
    assert standing(request).closed_as == "released"


def test_what_was_disclosed_before_the_request_came_answers_nothing(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, clinic: Clinic
) -> None:
    by, request = privacy_officer, subpoena(intake, received_on=day_of(clinic) - D(3))
    request_queue.identify(request=request, client=client_record, by=by)

    def close(days: int) -> RequestStep:
        noon = datetime.datetime.combine(day_of(clinic) - D(days), datetime.time(12), tzinfo=clinic.zone)
        made = ordered(client_record, by, disclosed_at=noon)
        return request_queue.close(request=request, outcome="released", reason=WHY, disclosure=made, by=by)

    for days in (300, 4):
        with pytest.raises(request_queue.BeforeIt):
            close(days)
    assert close(3).outcome == "released"


def test_one_disclosure_answers_one_request(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, clinic: Clinic
) -> None:
    by, told = privacy_officer, ordered(client_record, privacy_officer)
    first, second = subpoena(intake), subpoena(intake, about="R. Sample")
    for each in (first, second):
        request_queue.identify(request=each, client=client_record, by=by)
    facts = {"outcome": "released", "reason": WHY, "disclosure": told, "by": by}
    request_queue.close(request=first, **facts)
    with pytest.raises(request_queue.AlreadyClosed):
        request_queue.close(request=first, **facts)
    with pytest.raises(request_queue.AnswersAnother):
        request_queue.close(request=second, **facts)
    with pytest.raises(IntegrityError, match="answers_one_request"), transaction.atomic():
        RequestStep.objects.create(clinic=clinic, asked=second, step="closed", at=timezone.now(), **facts)
    assert standing(second).waits


@pytest.mark.parametrize("asked_by", ["Bronx Attorney", ""])
def test_a_disclosure_to_another_name_takes_a_word_that_it_answers(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, signed_in: SignIn, asked_by: str
) -> None:
    by, request = privacy_officer, subpoena(intake, asked_by=asked_by)
    request_queue.identify(request=request, client=client_record, by=by)
    told, url = ordered(client_record, by), reverse("privacy:request_close", args=[request.pk])
    facts = {"close-outcome": "released", "close-reason": WHY, "close-disclosure": told.pk}
    page = text(signed_in(by).post(url, facts, follow=True))
    assert "went to Example County Court, which isn’t the name of who asked" in page
    assert standing(request).waits
    signed_in(by).post(url, facts | {"close-went_as_asked": "on"})
    assert standing(request).closed_as == "released"
    assert AuditEntry.objects.filter(act="privacy.request_step").latest("pk").details["went_as_asked"] is True


@pytest.mark.parametrize("asked_by", ["example county  court", "Office of the District Attorney"])
def test_who_asked_is_compared_by_the_whole_name_with_recipient_and_office(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, asked_by: str
) -> None:
    by, request = privacy_officer, subpoena(intake, asked_by=asked_by)
    request_queue.identify(request=request, client=client_record, by=by)
    told = ordered(client_record, by, affiliation="Office of the District Attorney")
    request_queue.close(request=request, outcome="released", reason=WHY, disclosure=told, by=by)
    assert AuditEntry.objects.filter(act="privacy.request_step").latest("pk").details["went_as_asked"] is False


def test_a_clients_own_request_is_closed_as_given_only_once_something_was(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember
) -> None:
    request, by = ask(intake), privacy_officer
    with pytest.raises(request_queue.NotGivenYet):
        request_queue.close(request=request, outcome="given", reason=WHY, by=by)
    with pytest.raises(request_queue.NotTheirOwn):
        request_queue.close(request=request, outcome="released", reason=WHY, by=by)
    with pytest.raises(request_queue.NotTheirOwn):
        request_queue.close(request=ask(intake, "records"), outcome="given", reason=WHY, by=by)
    given(request, client_record, by)
    request_queue.close(request=request, outcome="given", reason=WHY, by=by)
    with pytest.raises(request_queue.AlreadyClosed):
        request_queue.note(request=request, reason=WHY, by=by)
    assert AuditEntry.objects.filter(act="privacy.request_step").count() == 1


def test_only_those_who_work_the_queue_of_their_clinic_see_and_work_it(
    intake: StaffMember, supervisor: StaffMember, privacy_officer: StaffMember, other_clinic: Clinic, make_staff: Any,
    signed_in: SignIn,
) -> None:  # fmt: skip
    request = ask(intake)
    stranger = make_staff(Role.PRIVACY_OFFICER, clinic=other_clinic)
    page, queue = reverse("privacy:request", args=[request.pk]), reverse("privacy:requests")
    assert "Robin Sample" in text(signed_in(privacy_officer).get(queue))
    assert "Robin Sample" not in text(signed_in(stranger).get(queue))
    assert signed_in(stranger).get(page).status_code == 404
    for person in (intake, supervisor, make_staff(Role.COUNSELOR), make_staff(Role.ADMINISTRATOR)):
        assert [signed_in(person).get(url).status_code for url in (queue, page)] == [403, 403]
        with pytest.raises(NotPermitted):
            request_queue.note(request=request, reason=WHY, by=person)
    with pytest.raises(NotPermitted):
        request_queue.note(request=request, reason=WHY, by=stranger)
    for owner in (supervisor, stranger):
        with pytest.raises(NotPermitted):
            request_queue.take(request=request, owner=owner, by=privacy_officer)
    foreign = factories.ClientFactory(clinic=other_clinic)
    with pytest.raises(NotPermitted):
        request_queue.identify(request=request, client=foreign, by=privacy_officer)
    assert not RequestStep.objects.exists()


def test_the_steps_through_the_pages(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, signed_in: SignIn, clinic: Clinic
) -> None:
    request, office = ask(intake), signed_in(privacy_officer)

    def post(name: str, **facts: Any) -> str:
        url = reverse(f"privacy:{name}", args=[request.pk])
        return text(office.post(url, facts, follow=True))

    assert "answers it" in post("request_take", owner=privacy_officer.pk)
    assert "Not identified" in text(office.get(reverse("privacy:request", args=[request.pk])))
    assert "Client identified" in post("request_client", number=client_record.pk)
    assert ChartAccess.objects.filter(client_id=client_record.pk, view_name="privacy:request").exists()
    until = day_of(clinic) + D(60)
    assert "Extended" in post("request_extend", **{"extend-until": f"{until}", "extend-reason": WHY})
    assert "Note added" in post("request_note", **{"note-reason": "Letter about the extension sent."})
    assert "Nothing was given" in post("request_close", **{"close-outcome": "given", "close-reason": WHY})
    shown = post("request_close", **{"close-outcome": "withdrawn", "close-reason": "They no longer want the copy."})
    assert "Request closed" in shown
    assert "They no longer want the copy." in shown
    assert list(RequestStep.objects.values_list("step", flat=True)) == ["taken", "of", "extended", "noted", "closed"]


def test_the_list_narrows_to_overdue_due_soon_nobodys_and_closed(
    intake: StaffMember, privacy_officer: StaffMember, signed_in: SignIn, clinic: Clinic
) -> None:
    today_, by = day_of(clinic), privacy_officer
    late = ask(intake, about="Latecomer One", received_on=today_ - D(31))
    ask(intake, "subpoena", about="Sooner Two", answer_by=today_ + D(2))
    far = ask(intake, "accounting", about="Faraway Three")
    done = ask(intake, "records", about="Closed Four")
    ask(intake, "question", about="Question Five")
    request_queue.take(request=far, owner=by, by=by)
    request_queue.close(request=done, outcome="denied", reason=WHY, by=by)
    office, names = signed_in(by), ("Latecomer One", "Sooner Two", "Faraway Three", "Closed Four", "Question Five")

    def shown(query: str) -> list[str]:
        page = text(office.get(f"{reverse('privacy:requests')}?{query}"))
        return sorted((name for name in names if name in page), key=page.index)

    assert shown("") == ["Latecomer One", "Sooner Two", "Faraway Three"]
    assert shown("stands=overdue") == ["Latecomer One"]
    assert shown("stands=soon") == ["Sooner Two"]
    assert shown("stands=unowned") == ["Latecomer One", "Sooner Two"]
    assert shown(f"owner={by.pk}") == ["Faraway Three"]
    assert shown("stands=closed") == ["Closed Four"]
    assert len(shown("stands=all")) == 5
    assert shown("kind=subpoena") == ["Sooner Two"]
    assert shown("about=latecomer") == ["Latecomer One"]
    assert ListAccess.objects.get(view_name="privacy:requests", asked__about="latecomer").staff_member == by
    assert standing(late).due_on == today_ - D(1)


def test_more_requests_than_today_shows_are_said(intake: StaffMember, privacy_officer: StaffMember) -> None:
    def shown() -> list[str]:
        found = today.needs(staff_member=privacy_officer, now=timezone.now())
        return [each.title for each in found if each.kind == "Requests"]

    for number in range(today.DRAFTS_SHOWN):
        ask(intake, about=f"Sample {number}")
    assert len(shown()) == today.DRAFTS_SHOWN
    assert "And more requests" not in shown()
    ask(intake, about="One More")
    assert len(shown()) == today.DRAFTS_SHOWN + 1
    assert shown()[-1] == "And more requests"


def test_what_waits_is_on_today_for_the_privacy_officer_alone(
    intake: StaffMember, supervisor: StaffMember, privacy_officer: StaffMember, clinic: Clinic, other_clinic: Clinic,
    make_staff: Any,
) -> None:  # fmt: skip
    late = ask(intake, received_on=day_of(clinic) - D(40))
    far = ask(intake, "accounting")
    ask(make_staff(Role.INTAKE_COORDINATOR, clinic=other_clinic), "records", about="Elsewhere")

    def titles(person: StaffMember) -> list[str]:
        found = today.needs(staff_member=person, now=timezone.now())
        return [each.title for each in found if each.kind == "Requests"]

    own = "Take a request: a copy of their own record"
    assert titles(privacy_officer) == [own, "Take a request: a list of who received their information"]
    assert titles(supervisor) == titles(intake) == []
    for each in (late, far):
        request_queue.take(request=each, owner=privacy_officer, by=privacy_officer)
    assert titles(privacy_officer) == ["Answer a request: a copy of their own record"]  # the other is not due soon
    request_queue.close(request=late, outcome="withdrawn", reason=WHY, by=privacy_officer)
    assert titles(privacy_officer) == []


def test_a_merge_takes_the_steps_and_what_was_given_along(
    client_record: Client, intake: StaffMember, privacy_officer: StaffMember, supervisor: StaffMember, clinic: Clinic
) -> None:
    twice = factories.ClientFactory(clinic=clinic, given_name="Robin", family_name="Sample")
    request = ask(intake)
    request_queue.identify(request=request, client=twice, by=privacy_officer)
    copy = given(request, twice, privacy_officer)
    merging.merge(keep=client_record, absorb=twice, by=supervisor)
    assert request_queue.client_of(request) == client_record
    copy.refresh_from_db()
    assert copy.client == client_record


def test_a_denial_takes_a_ground_of_the_law_and_a_list_of_disclosures_has_none(
    client_record: Client, privacy_officer: StaffMember
) -> None:
    request, listed = ask(privacy_officer), ask(privacy_officer, "accounting")
    for facts in (
        {"request": request},
        {"request": request, "ground": "busy"},
        {"request": listed, "ground": "for_court"},
    ):
        with pytest.raises(request_queue.GroundNeeded):
            request_queue.close(outcome="refused", reason=WHY, by=privacy_officer, **facts)
    closed = request_queue.close(
        request=request, outcome="withdrawn", reason=WHY, ground="for_court", by=privacy_officer
    )
    assert closed.ground == ""
    facts = {"clinic": request.clinic, "asked": listed, "step": "closed", "at": timezone.now(), "by": privacy_officer}
    for outcome, ground in (("refused", ""), ("denied", "for_court")):
        with pytest.raises(IntegrityError, match="has_a_ground"), transaction.atomic():
            RequestStep.objects.create(**facts, outcome=outcome, ground=ground, reason=WHY)
