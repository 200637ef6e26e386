"""A referral to a place outside: from the call to the result, and what leaves the house on the way."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from cases import merging, safety
from cases.models import Client
from cases.people import restrictions
from desk import needs as desk_needs
from privacy import consents, disclosures, fitting
from privacy.models import Consent, Disclosure
from referrals.models import ServicePlace, ServiceReferral, ServiceReferralStep
from referrals.other_help import naming, places, prior, referring
from staff.models import AuditEntry, Clinic, Role, StaffMember
from staff.refusals import NotPermitted, Refusal
from tests import factories

DAY = datetime.timedelta(days=1)
Sign = Callable[..., Consent]
NAMED: dict[str, Any] = {
    "what": "Name, phone number, and that they ask for housing",
    "why": "Referral for housing",
}


def state(referral: ServiceReferral) -> str:
    return ServiceReferral.objects.with_state().get(pk=referral.pk).state


def test_from_a_call_together_to_keys_in_hand(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, sign: Sign
) -> None:
    consent = sign()
    today = client_record.today
    referral = referring.refer(
        client=client_record, kind="housing", place=harbor, need="A room of his own", how="call", by=counselor,
        spoke_with="Dana Example", name_client=True, **NAMED, accepted=True, appointment_on=today + DAY,
        appointment_time=datetime.time(9, 30), note="Dana holds the room on the second floor.",
        happened_on=today - 20 * DAY,
    )  # fmt: skip
    row = ServiceReferral.objects.with_state().get(pk=referral.pk)
    assert (row.state, row.appointment_on, row.appointment_time) == ("accepted", today + DAY, datetime.time(9, 30))
    told = Disclosure.objects.get()
    assert (told.recipient, told.consent, told.why) == ("Harbor House", consent, "Referral for housing")
    assert told.disclosed_at.astimezone(client_record.clinic.zone).date() == today - 20 * DAY
    assert disclosures.NOTICE in told.notice
    assert ServiceReferralStep.objects.get(step="sent").disclosure == told
    referring.seen(referral=referral, told_by="client", happened_on=today - 2 * DAY, by=counselor)
    referring.record_result(
        referral=referral, outcome="got_it", note="Keys to 4 Elm Street.", told_by="place", by=counselor
    )
    row = ServiceReferral.objects.with_state().get(pk=referral.pk)
    assert (row.state, row.outcome, row.answer, row.state_label) == (
        "result", "got_it", "Keys to 4 Elm Street.", "Got what they needed",
    )  # fmt: skip
    assert not ServiceReferral.objects.open().exists()
    acts = AuditEntry.objects.filter(act__startswith="referrals.", client_id=client_record.pk).values_list(
        "act", flat=True
    )
    assert list(acts.order_by("position")) == [
        "referrals.refer_elsewhere", "referrals.seen_elsewhere", "referrals.result_elsewhere",
    ]  # fmt: skip


def test_what_the_client_carries_there_tells_nobody(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace
) -> None:
    referring.refer(client=client_record, kind="housing", place=harbor, how="client", **NAMED, by=counselor)
    assert not Disclosure.objects.exists()
    step = ServiceReferralStep.objects.get()
    assert (step.how, step.disclosure, step.spoke_with) == ("client", None, "")


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ({"spoke_with": "Anna Example"}, "whom you spoke with"),
        ({"name_client": True}, "who the client is"),
        ({"accepted": True}, "will take them"),
        ({"appointment_on": datetime.date(2026, 12, 4)}, "an appointment"),
        ({"appointment_time": datetime.time(9)}, "an appointment"),
    ],
)
def test_a_call_is_never_dropped_because_nobody_said_that_there_was_one(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, sign: Sign, fact: dict[str, Any], words: str
) -> None:
    """Blanked, it would read as “No one was told who they are” of a place that was told."""
    sign()
    for how in ("client", "sent"):
        if how == "sent" and "name_client" in fact:
            continue  # what is sent names them anyway
        with pytest.raises(referring.NobodyCalled, match=words):
            referring.refer(client=client_record, kind="housing", place=harbor, how=how, **NAMED, **fact, by=counselor)
    assert not ServiceReferral.objects.exists()
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("told", [{"what": "Name and diagnosis"}, {"why": "A bed by Friday"}])
def test_words_on_what_was_told_are_not_dropped_either(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, told: dict[str, str]
) -> None:
    call = {"how": "call", "spoke_with": "Dana Example"}
    for how in ({"how": "client"}, call):
        with pytest.raises(referring.NobodyNamed):
            referring.refer(client=client_record, kind="housing", place=harbor, **how, **(NAMED | told), by=counselor)
    referral = referring.refer(client=client_record, kind="housing", place=harbor, **call, **NAMED, by=counselor)
    with pytest.raises(referring.NobodyNamed):
        referring.call(referral=referral, spoke_with="Dana Example", **(NAMED | told), by=counselor)


def test_a_call_that_names_nobody_needs_no_consent(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace
) -> None:
    referring.refer(
        client=client_record, kind="housing", place=harbor, how="call", spoke_with="Dana Example", by=counselor
    )
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("how", ["sent", "call"])
def test_naming_without_a_consent_leaves_nothing(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, how: str
) -> None:
    with pytest.raises(naming.NoConsentToName, match="Harbor House"):
        referring.refer(
            client=client_record, kind="housing", place=harbor, how=how, spoke_with="Dana" if how == "call" else "",
            name_client=True, **NAMED, by=counselor,
        )  # fmt: skip
    assert not ServiceReferral.objects.exists()
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(
    ("elements", "told", "refusal"),
    [
        ({"recipients": "Another House"}, {}, naming.NoConsentToName),
        ({"purpose": "Billing"}, {}, fitting.NotItsPurpose),
        ({"description": "Dates of attendance"}, {}, fitting.MoreThanAgreed),
        ({}, {"what": "Name, phone number, diagnosis and medication"}, fitting.MoreThanAgreed),
        ({}, {"why": "Billing"}, fitting.NotItsPurpose),
        ({}, {"what": ""}, fitting.SaysNothing),
    ],
)
def test_a_consent_has_to_cover_recipient_purpose_and_amount(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, sign: Sign, elements: dict[str, Any],
    told: dict[str, Any], refusal: type[Refusal],
) -> None:  # fmt: skip
    sign(**elements)
    with pytest.raises(refusal):
        referring.refer(client=client_record, kind="housing", place=harbor, how="sent", **(NAMED | told), by=counselor)
    assert not ServiceReferral.objects.exists()


def test_of_two_consents_the_one_that_covers_it_is_used(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, sign: Sign
) -> None:
    right = sign()
    sign(description="Dates of attendance", purpose="Attendance")
    referring.refer(client=client_record, kind="housing", place=harbor, how="sent", **NAMED, by=counselor)
    assert Disclosure.objects.get().consent == right


def test_a_consent_may_name_the_person_instead_of_the_place(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, sign: Sign
) -> None:
    sign(recipients="Dana Example")
    referring.refer(client=client_record, kind="housing", place=harbor, how="sent", **NAMED, by=counselor)
    told = Disclosure.objects.get()
    assert (told.recipient, told.affiliation) == ("Dana Example", "Harbor House")


def test_a_consent_that_was_revoked_or_had_not_begun_names_nobody(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, sign: Sign
) -> None:
    consent = sign(signed_on=client_record.today)
    with pytest.raises(naming.NoConsentToName):  # the letter went out before it was signed
        referring.refer(
            client=client_record, kind="housing", place=harbor, how="sent", **NAMED,
            happened_on=client_record.today - DAY, by=counselor,
        )  # fmt: skip
    consents.revoke(consent=consent, by=counselor)
    with pytest.raises(naming.NoConsentToName):
        referring.refer(client=client_record, kind="housing", place=harbor, how="sent", **NAMED, by=counselor)


def test_who_treats_is_covered_by_a_consent_for_treatment_and_a_landlord_is_not(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, sign: Sign
) -> None:
    sign(
        type=Consent.Type.TPO, recipients="Dr. Lee Example", description="Name, phone number, and need for a doctor",
        purpose="Treatment", redisclosure_stated=True, refusal_stated=True,
    )  # fmt: skip
    medical = {"what": naming.what_is_told("medical"), "why": naming.what_for("medical")}
    referring.refer(
        client=client_record, kind="medical", elsewhere="Dr. Lee Example", how="sent", **medical, by=counselor
    )
    assert Disclosure.objects.get().recipient == "Dr. Lee Example"
    with pytest.raises(Refusal):
        referring.refer(client=client_record, kind="housing", place=harbor, how="sent", **NAMED, by=counselor)


def test_a_later_call_names_them_only_with_consent(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, sign: Sign
) -> None:
    referral = referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    with pytest.raises(naming.NoConsentToName):
        referring.call(referral=referral, spoke_with="Dana", name_client=True, **NAMED, by=counselor)
    sign()
    referring.call(referral=referral, spoke_with="Dana", name_client=True, **NAMED, accepted=True, by=counselor)
    assert state(referral) == "accepted"
    assert Disclosure.objects.count() == 1
    with pytest.raises(referring.StepBehind):
        referring.call(referral=referral, spoke_with="Dana", accepted=True, by=counselor)


def test_the_steps_go_one_way(client_record: Client, counselor: StaffMember, harbor: ServicePlace) -> None:
    def made() -> ServiceReferral:
        return referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)

    referral = made()
    with pytest.raises(referring.AlreadyReferred):
        made()
    referring.seen(referral=referral, told_by="client", by=counselor)  # they just walked in
    for again in (referring.accept, referring.decline, referring.seen):
        with pytest.raises(referring.StepBehind):
            again(referral=referral, told_by="place", by=counselor)
    referring.end(referral=referral, by=counselor)
    with pytest.raises(referring.ReferralClosed):
        referring.record_result(referral=referral, outcome="not", note="Too late", told_by="client", by=counselor)
    referring.add_note(referral=referral, note="He may ask again.", by=counselor)
    assert state(referral) == "ended"
    again_later = made()
    referring.decline(referral=again_later, told_by="place", note="Full until May", by=counselor)
    assert state(again_later) == "declined"


@pytest.mark.parametrize(
    ("call", "refusal"),
    [
        (lambda r, by: referring.accept(referral=r, told_by="", by=by), referring.WhoTold),
        (lambda r, by: referring.record_result(referral=r, outcome="not", note=".", told_by="client", by=by),
         referring.SayWhatCame),
        (lambda r, by: referring.call(referral=r, spoke_with=" ", by=by), referring.WithWhomNeeded),
        (lambda r, by: referring.seen(referral=r, told_by="client", happened_on=r.client.today - 2 * DAY, by=by),
         referring.BeforeItWasSent),
        (lambda r, by: referring.seen(referral=r, told_by="client", happened_on=r.client.today + DAY, by=by), Refusal),
        (lambda r, by: referring.accept(referral=r, told_by="place", appointment_on=r.client.today - DAY, by=by),
         referring.AppointmentOver),
        (lambda r, by: referring.accept(referral=r, told_by="place", appointment_time=datetime.time(9), by=by),
         referring.AppointmentDayNeeded),
        (lambda r, by: referring.call(referral=r, spoke_with="Dana", appointment_time=datetime.time(9), by=by),
         referring.AppointmentDayNeeded),
        (lambda r, by: referring.accept(referral=r, told_by="place", appointment_on=datetime.date(2199, 1, 1), by=by),
         Refusal),
        (lambda r, by: referring.add_note(referral=r, note="", by=by), referring.SayWhatCame),
    ],
)  # fmt: skip
def test_what_a_step_needs(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, call: Callable[..., object],
    refusal: type[Refusal],
) -> None:  # fmt: skip
    referral = referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    with pytest.raises(refusal):
        call(referral, counselor)
    assert ServiceReferralStep.objects.count() == 1


def test_where_it_goes(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, other_clinic: Clinic
) -> None:
    for nowhere in ({}, {"elsewhere": " . "}):
        with pytest.raises(referring.WhereNeeded):
            referring.refer(client=client_record, kind="legal", **nowhere, by=counselor)
    theirs = places.add(
        name="Legal Aid", kinds=["legal"], by=factories.StaffMemberFactory(clinic=other_clinic, role=Role.COUNSELOR)
    )
    with pytest.raises(referring.PlaceNotUsed):
        referring.refer(client=client_record, kind="legal", place=theirs, by=counselor)
    places.set_in_use(place=harbor, in_use=False, by=counselor)
    with pytest.raises(referring.PlaceNotUsed):
        referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    assert not ServiceReferral.objects.exists()


def test_a_danger_that_is_told_is_heard_everywhere(
    client_record: Client, counselor: StaffMember, supervisor: StaffMember, harbor: ServicePlace
) -> None:
    referral = referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    referring.add_note(referral=referral, note="He sounded tired.", by=counselor)
    assert not safety.open_concerns(client=client_record, on=client_record.today)
    referring.call(
        referral=referral, spoke_with="Dana", note="He told Dana he won’t be here in June.", reports_danger=True,
        by=counselor,
    )  # fmt: skip
    [concern] = safety.open_concerns(client=client_record, on=client_record.today)
    assert "reported about a referral" in concern.sentence
    for who in (counselor, supervisor):
        found = desk_needs.needs_of(staff_member=who, now=timezone.now())
        assert any(need.is_danger or need.urgency == 0 for need in found), who
    safety.evaluate(
        client=client_record, found="No plan, no intent", done="Safety plan", next_check_on=None,
        no_check_because="He sees me tomorrow anyway", by=counselor,
    )  # fmt: skip
    assert not safety.open_concerns(client=client_record, on=client_record.today)
    referring.end(referral=referral, note="Again, to his sister.", reports_danger=True, by=counselor)
    assert len(safety.open_concerns(client=client_record, on=client_record.today)) == 1


def test_only_who_may(
    client_record: Client, counselor: StaffMember, make_staff: Callable[..., StaffMember], harbor: ServicePlace,
    other_clinic: Clinic,
) -> None:  # fmt: skip
    referral = referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    barred = make_staff(Role.SUPERVISOR)
    restrictions.restrict(client=client_record, staff_member=barred, reason="Her cousin", by=make_staff("supervisor"))
    outsider = factories.StaffMemberFactory(clinic=other_clinic, role=Role.SUPERVISOR)
    for nobody in (make_staff(Role.COUNSELOR), outsider, barred, make_staff(Role.INTAKE_COORDINATOR)):
        for act in (referring.end, lambda **k: referring.seen(told_by="client", **k),
                    lambda **k: referring.call(spoke_with="Dana", **k)):  # fmt: skip
            with pytest.raises(NotPermitted):
                act(referral=referral, by=nobody)
        with pytest.raises(NotPermitted):
            referring.refer(client=client_record, kind="legal", elsewhere="Legal Aid", by=nobody)
        assert not ServiceReferral.objects.visible_to(nobody).exists()
        assert not ServiceReferralStep.objects.visible_to(nobody).exists()
    medical = make_staff(Role.MEDICAL)
    assert ServiceReferral.objects.visible_to(medical).exists()
    with pytest.raises(NotPermitted):
        referring.end(referral=referral, by=medical)


@pytest.mark.usefixtures("tables_owner")
def test_nobody_rewrites_what_was_recorded(
    client_record: Client, make_client: Callable[..., Client], counselor: StaffMember, harbor: ServicePlace
) -> None:
    referral = referring.refer(client=client_record, kind="housing", place=harbor, by=counselor)
    steps, made = ServiceReferralStep.objects.all(), ServiceReferral.objects.filter(pk=referral.pk)
    for change in (
        lambda: steps.update(note="changed"),
        lambda: steps.delete(),
        lambda: made.update(need="changed"),
        lambda: made.update(client=make_client()),
        lambda: made.delete(),
        lambda: ServicePlace.objects.filter(pk=harbor.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "wrong",
    [
        {"step": "sent"},
        {"step": "sent", "how": "sent"},
        {"step": "seen"},
        {"step": "note", "told_by": "client"},
        {"step": "note", "how": "client"},
        {"step": "called"},
        {"step": "result", "told_by": "client", "outcome": "got_it"},
        {"step": "result", "told_by": "client", "note": "Keys"},
        {"step": "note", "outcome": "not"},
        {"step": "note", "appointment_time": datetime.time(9)},
        {"step": "note", "happened_on": datetime.date(1899, 1, 1)},
    ],
)
def test_the_database_refuses_half_a_step(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, wrong: dict[str, Any]
) -> None:
    referral = ServiceReferral.objects.create(
        client=client_record, kind="housing", place=harbor, made_at=timezone.now(), made_by=counselor
    )
    row = {"referral": referral, "happened_on": client_record.today, "at": timezone.now(), "by": counselor}
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceReferralStep.objects.create(**(row | wrong))
    ServiceReferralStep.objects.create(**row, step="sent", how="client")
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceReferralStep.objects.create(**row, step="sent", how="client")
    ServiceReferralStep.objects.create(**row, step="declined", told_by="place")
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceReferralStep.objects.create(**row, step="ended")


@pytest.mark.parametrize("where", [{}, {"place": True, "elsewhere": "Also there"}])
def test_a_referral_goes_to_one_place(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, where: dict[str, Any]
) -> None:
    fields = where | ({"place": harbor} if "place" in where else {})
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceReferral.objects.create(
            client=client_record, kind="housing", made_at=timezone.now(), made_by=counselor, **fields
        )


def test_it_moves_with_the_person(
    client_record: Client, make_client: Callable[..., Client], counselor: StaffMember, supervisor: StaffMember,
    harbor: ServicePlace,
) -> None:  # fmt: skip
    twice = make_client(counselor=counselor)
    referral = referring.refer(client=twice, kind="housing", place=harbor, by=counselor)
    referring.add_note(referral=referral, note="He sounds desperate", reports_danger=True, by=counselor)
    merge = merging.merge(keep=client_record, absorb=twice, by=supervisor)
    referral.refresh_from_db()
    assert referral.client == client_record
    assert safety.open_concerns(client=client_record, on=client_record.today)
    merging.unmerge(merge=merge, by=supervisor)
    referral.refresh_from_db()
    assert referral.client == twice


def test_the_next_stay_knows_what_came_of_it(
    client_record: Client, counselor: StaffMember, harbor: ServicePlace, program: Any
) -> None:
    before = timezone.now() - 90 * DAY
    referral = referring.refer(
        client=client_record, kind="housing", place=harbor, at=before, happened_on=client_record.today - 90 * DAY,
        by=counselor,
    )  # fmt: skip
    referring.record_result(
        referral=referral, outcome="partly", note="A bed for three weeks.", told_by="client", by=counselor
    )
    episode = factories.TreatmentEpisodeFactory(
        client=client_record, program=program, admitted_on=client_record.today - 10 * DAY
    )
    [source] = prior.before(episodes=[episode])[episode.pk]
    assert (source.key, source.wording) == (f"service:{referral.pk}", "Housing: Harbor House")
    assert "A bed for three weeks." in source.detail
    [counted] = prior.before(episodes=[episode], to_count=True)[episode.pk]
    assert counted.key == source.key
    referring.refer(client=client_record, kind="legal", elsewhere="Legal Aid", by=counselor)  # in this stay
    assert len(prior.before(episodes=[episode])[episode.pk]) == 1
