"""Two records of one person are joined, and taken apart again exactly as they were."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases import assessments, merging
from cases.episodes import admissions
from cases.episodes.admission_rules import AlreadyInProgram
from cases.intake import inquiries
from cases.merging import merge_conflicts
from cases.models import Client, CopingStrategy, Relapse, RelapseCoping, Trigger
from cases.people import registration
from cases.recovery import relapses
from counseling import measures, notes, signing
from counseling.models import SessionNote
from counseling.tablet import handover
from reminders import opt_outs
from reminders.models import OptOut
from staff.acts import MergedRecord
from staff.models import AuditEntry, Program, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.staff.test_resending import carried

D = datetime.date


def rows() -> dict[str, Any]:
    """Every row of every table that hangs on a client, and the clients themselves, value by value."""
    found = {
        f"{model._meta.label}.{column}": list(model._base_manager.order_by("pk").values())
        for model, column in merging.relations()
    }
    return {**found, "clients": list(Client.objects.order_by("pk").values())}


@pytest.fixture
def two(make_client: object, program: Program, counselor: StaffMember, intake: StaffMember, supervisor: StaffMember):
    """Maria Lopez and Maria Lopes: one person, registered twice, with a life in each record."""
    keep = make_client(counselor=counselor, given_name="Maria", family_name="Lopez", birth_date=D(1985, 4, 3))
    absorb = make_client(
        counselor=counselor, given_name="Maria", family_name="Lopes", birth_date=None, ssn_last4="4821",
        must_not_reveal="Nothing to her sister", named_by_others=False,
    )  # fmt: skip
    for client, level in ((keep, "1"), (absorb, "2.1")):
        episode = admissions.admit(
            client=client, program=program, level_of_care=level, admitted_on=D(2026, 1, 5), by=counselor
        )
        note = notes.start(
            client=client, episode=episode, by=counselor,
            session_started_at=timezone.now() - datetime.timedelta(hours=2),
            session_ended_at=timezone.now() - datetime.timedelta(hours=1),
            sections={"subjective": "Talked of work.", "objective": "Calm.", "assessment": "Steady.", "plan": "Go on."},
        )  # fmt: skip
        signing.sign(note=note, by=counselor)
        admissions.discharge(episode=episode, discharged_on=D(2026, 2, 2), reason="completed", by=counselor)
        seen = {
            "client": client,
            "first_seen_on": D(2026, 1, 20),
            "recorded_by": counselor,
            "recorded_at": timezone.now(),
        }
        Trigger.objects.create(wording="Payday" if client == keep else "payday", **seen)
        walk = CopingStrategy.objects.create(wording="Walking the dog", **seen)
        relapse = factories.RelapseFactory(
            client=client,
            started_on=D(2026, 3, 2),
            ended_on=D(2026, 3, 2),
            recorded_by=counselor,
            recorded_at=timezone.now(),
        )
        RelapseCoping.objects.create(relapse=relapse, strategy=walk, outcome="helped")
        registration.add_contact(
            client=client, kind="phone", value="(555) 010-0142", messages_ok=client == keep, by=intake
        )
    registration.add_contact(client=absorb, kind="phone", value="(555) 010-0199", is_preferred=True, by=intake)
    inquiry = inquiries.take(by=intake, given_name="Maria")
    inquiries.link(inquiry=inquiry, client=absorb, by=intake)
    return keep, absorb


def test_everything_of_the_one_moves_to_the_other(two: tuple[Client, Client], supervisor: StaffMember) -> None:
    keep, absorb = two
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    assert merging.what_would_move(absorb) == []
    keep.refresh_from_db()
    absorb.refresh_from_db()
    assert absorb.merged_into == keep
    assert keep.episodes.count() == 2
    assert SessionNote.objects.filter(client=keep, signed_at__isnull=False).count() == 2
    assert all(signing.verify(note).unchanged for note in SessionNote.objects.filter(client=keep))
    assert sorted(Trigger.objects.filter(client=keep).values_list("wording", flat=True)) == [
        "Payday",
        f"payday (from record No. {absorb.pk})",
    ]
    assert RelapseCoping.objects.filter(relapse__client=keep, strategy__client=keep).count() == 2
    assert (keep.ssn_last4, keep.former_family_name) == ("4821", "Lopes")
    entry = AuditEntry.objects.get(act="cases.merge")
    assert entry.details["absorbed"] == absorb.pk


def test_the_stricter_one_wins_about_privacy(two: tuple[Client, Client], supervisor: StaffMember) -> None:
    keep, absorb = two
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    keep.refresh_from_db()
    assert keep.named_by_others is False
    assert "Nothing to her sister" in keep.must_not_reveal
    shared = keep.contact_points.current().get(normalized="+15550100142")
    assert shared.messages_ok is False


LIVES = {"street": "12 Main St", "city": "Austin", "state": "TX", "postal_code": "78701"}


@pytest.mark.parametrize(("own", "theirs", "kept"), [
    ({}, LIVES, LIVES),
    ({"city": "AUSTIN", "postal_code": "78701"}, LIVES, {**LIVES, "city": "AUSTIN"}),
    ({"street": "3 Elm St"}, LIVES, {"street": "3 Elm St", "city": "", "state": "", "postal_code": ""}),
    ({"postal_code": "73301"}, LIVES, {"street": "", "city": "", "state": "", "postal_code": "73301"}),
    (LIVES, {"city": "Dallas"}, LIVES),
    ({}, {"work_postal_code": "78702"}, {"work_postal_code": "78702"}),
    ({"work_postal_code": "78703"}, {"work_postal_code": "78702"}, {"work_postal_code": "78703"}),
    ({}, {"language": "Spanish"}, {"language": "Spanish"}),
    ({"language": "Vietnamese"}, {"language": "Spanish"}, {"language": "Vietnamese"}),
    ({"language": "Spanish"}, {}, {"language": "Spanish"}),
])  # fmt: skip
def test_what_the_kept_record_lacks_is_filled_in_and_taken_out_again(
    two: tuple[Client, Client], supervisor: StaffMember, own: dict[str, str], theirs: dict[str, str],
    kept: dict[str, str],
) -> None:  # fmt: skip
    keep, absorb = two
    Client.objects.filter(pk=keep.pk).update(**own)
    Client.objects.filter(pk=absorb.pk).update(**theirs)
    before = rows()
    merge = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    keep.refresh_from_db()
    assert {name: getattr(keep, name) for name in kept} == kept
    merging.unmerge(merge=merge, by=supervisor)
    assert rows()["clients"] == before["clients"]


def test_of_each_column_it_is_said_what_a_merge_does_with_it() -> None:
    """A new one that nobody thought of was dropped with the absorbed record."""
    columns = [each.name for each in Client._meta.concrete_fields if not each.generated]
    said = [*merge_conflicts.FILLED_IF_EMPTY, *merge_conflicts.ADDRESS, *merge_conflicts.NOT_FILLED]
    assert sorted(said) == sorted(columns)
    assert all(merge_conflicts.NOT_FILLED.values())


def test_an_opt_out_binds_the_number_whichever_record_it_came_with(
    two: tuple[Client, Client], supervisor: StaffMember
) -> None:
    keep, absorb = two
    opt_outs.record(client=absorb, contact_value="+15550100142", words="STOP", by=supervisor)
    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    assert OptOut.objects.in_force().filter(contact_value="+15550100142").exists()
    merging.unmerge(merge=joined, by=supervisor)
    assert OptOut.objects.in_force().filter(contact_value="+15550100142").exists()


def test_taken_apart_again_every_row_is_as_it_was(two: tuple[Client, Client], supervisor: StaffMember) -> None:
    keep, absorb = two
    before = rows()
    assert sum(len(held) for name, held in before.items() if name != "clients") > 15
    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    assert rows() != before
    merging.unmerge(merge=joined, by=supervisor)
    assert rows() == before
    again = merging.merge(keep=absorb, absorb=keep, by=supervisor)
    merging.unmerge(merge=again, by=supervisor)
    assert rows() == before


def test_what_was_recorded_after_the_merge_stays_with_the_kept_record(
    two: tuple[Client, Client], supervisor: StaffMember, counselor: StaffMember
) -> None:
    keep, absorb = two
    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    later = factories.RelapseFactory(
        client=keep, started_on=D(2026, 4, 2), recorded_by=counselor, recorded_at=timezone.now()
    )
    merging.unmerge(merge=joined, by=supervisor)
    later.refresh_from_db()
    assert later.client == keep
    assert Relapse.objects.filter(client=absorb).count() == 1


def test_what_was_recorded_while_joined_goes_where_its_episode_goes(
    make_client: object, program: Program, counselor: StaffMember, supervisor: StaffMember
) -> None:
    keep, absorb = (make_client(counselor=counselor) for _ in range(2))
    admitted = {"program": program, "level_of_care": "1", "by": counselor}
    theirs = admissions.admit(client=absorb, admitted_on=D(2026, 1, 5), **admitted)
    ours = admissions.admit(client=keep, admitted_on=D(2025, 1, 5), **admitted)
    admissions.discharge(episode=ours, discharged_on=D(2025, 2, 2), reason="completed", by=counselor)
    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    theirs.refresh_from_db()
    at = timezone.now() - datetime.timedelta(hours=2)
    first = {"client": keep, "by": counselor, "session_started_at": at}
    signed = notes.start(
        **first, episode=theirs, session_ended_at=at + datetime.timedelta(hours=1),
        sections={"subjective": "Talked of work.", "objective": "Calm.", "assessment": "Steady.", "plan": "Go on."},
    )  # fmt: skip
    signing.sign(note=signed, by=counselor)
    draft = notes.start(**first, episode=theirs)
    measured = measures.record(client=keep, instrument="gad-7", answers=[1] * 7, episode=theirs, by=counselor)
    tablet = handover.open(client=keep, instruments=["phq-9"], by=counselor)
    relapse = relapses.record(client=keep, started_on=D(2026, 3, 2), by=counselor)
    assert (tablet.episode, relapse.episode) == (theirs, theirs)
    own = notes.start(**first, episode=ours)
    counted = measures.record(client=keep, instrument="phq-9", answers=[1] * 9, by=counselor)
    merging.unmerge(merge=joined, by=supervisor)
    for row in (theirs, signed, draft, measured, tablet, relapse):
        row.refresh_from_db()
        assert row.client == absorb, row
    for row in (own, counted):
        row.refresh_from_db()
        assert row.client == keep, row
    assert signing.verify(signed).unchanged
    joined.refresh_from_db()
    assert joined.moved["went_with_episode"]["counseling.SessionNote.client"] == [signed.pk, draft.pk]
    again = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    merging.unmerge(merge=again, by=supervisor)
    assert SessionNote.objects.filter(client=absorb).count() == 2


def test_a_draft_that_was_put_under_the_other_ones_episode_stays_with_it(
    make_client: object, program: Program, counselor: StaffMember, supervisor: StaffMember
) -> None:
    keep, absorb = (make_client(counselor=counselor) for _ in range(2))
    admitted = {"program": program, "level_of_care": "1", "by": counselor}
    ours = admissions.admit(client=keep, admitted_on=D(2025, 1, 5), **admitted)
    admissions.discharge(episode=ours, discharged_on=D(2025, 2, 2), reason="completed", by=counselor)
    theirs = admissions.admit(client=absorb, admitted_on=D(2026, 1, 5), **admitted)
    draft = notes.start(client=absorb, episode=theirs, by=counselor)
    joined = merging.merge(keep=keep, absorb=absorb, by=supervisor)
    SessionNote.objects.filter(pk=draft.pk).update(episode=ours)
    merging.unmerge(merge=joined, by=supervisor)
    draft.refresh_from_db()
    assert draft.client == keep
    joined.refresh_from_db()
    assert joined.moved["stayed_with_episode"] == {"counseling.SessionNote.client": [draft.pk]}


def test_two_open_episodes_in_one_program_are_settled_first(
    make_client: object, program: Program, supervisor: StaffMember
) -> None:
    keep, absorb = make_client(), make_client()
    for client in (keep, absorb):
        admissions.admit(client=client, program=program, level_of_care="1", admitted_on=D(2026, 1, 5), by=supervisor)
    with pytest.raises(AlreadyInProgram, match="Both records have an open episode"):
        merging.merge(keep=keep, absorb=absorb, by=supervisor)
    absorb.refresh_from_db()
    assert absorb.merged_into is None


def test_merges_are_taken_apart_in_reverse_order(make_client: object, supervisor: StaffMember) -> None:
    one, two, three = make_client(), make_client(), make_client()
    first = merging.merge(keep=two, absorb=one, by=supervisor)
    second = merging.merge(keep=three, absorb=two, by=supervisor)
    with pytest.raises(merging.NotTheLatest):
        merging.unmerge(merge=first, by=supervisor)
    merging.unmerge(merge=second, by=supervisor)
    merging.unmerge(merge=first, by=supervisor)
    assert not Client.objects.exclude(merged_into=None).exists()


def test_a_signed_note_changes_its_client_by_a_merge_and_by_nothing_else(two: tuple[Client, Client]) -> None:
    keep, absorb = two
    with pytest.raises(IntegrityError), transaction.atomic():
        SessionNote.objects.filter(client=absorb).update(client=keep)


def test_who_may_merge(
    two: tuple[Client, Client],
    counselor: StaffMember,
    intake: StaffMember,
    other_clinic: object,
    supervisor: StaffMember,
) -> None:
    keep, absorb = two
    for person in (counselor, intake, factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")):
        with pytest.raises(NotPermitted):
            merging.merge(keep=keep, absorb=absorb, by=person)
    with pytest.raises(NotPermitted):
        merging.merge(keep=keep, absorb=factories.ClientFactory(clinic=other_clinic), by=supervisor)
    with pytest.raises(merging.NotTwoRecords):
        merging.merge(keep=keep, absorb=keep, by=supervisor)


def test_merging_and_taking_apart_through_the_page(
    two: tuple[Client, Client], supervisor: StaffMember, signed_in: object
) -> None:
    keep, absorb = two
    office, page = signed_in(supervisor), reverse("cases:merge", args=[keep.pk])
    assert f"Compare with No. {absorb.pk}" in office.get(page).content.decode()
    compared = office.post(page, {"other": absorb.pk}).content.decode()
    assert "2 returns to use" not in compared
    assert "I checked a second identifier" in compared
    office.post(page, {"other": absorb.pk, "keep": keep.pk, "merge": "1"})
    absorb.refresh_from_db()
    assert absorb.merged_into is None
    office.post(page, {"other": absorb.pk, "keep": keep.pk, "merge": "1", "asked": "on"})
    absorb.refresh_from_db()
    assert absorb.merged_into == keep
    assert "Lopes" not in [c.family_name for c in Client.objects.visible_to(supervisor).current()]
    office.post(reverse("cases:unmerge", args=[keep.pk, keep.merges_kept.get().pk]))
    absorb.refresh_from_db()
    assert absorb.merged_into is None


def test_nobody_writes_on_a_record_that_is_part_of_another(
    two: tuple[Client, Client],
    program: Program,
    supervisor: StaffMember,
    counselor: StaffMember,
    intake: StaffMember,
    signed_in: object,
) -> None:
    keep, absorb = two
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    absorb.refresh_from_db()
    before = Relapse.objects.count()
    for attempt in (
        lambda: relapses.record(client=absorb, started_on=D(2026, 3, 20), by=supervisor),
        lambda: admissions.admit(
            client=absorb, program=program, level_of_care="1", admitted_on=D(2026, 3, 20), by=supervisor
        ),
        lambda: assessments.record(client=absorb, by=supervisor),
        lambda: inquiries.link(inquiry=inquiries.take(by=intake, given_name="Maria"), client=absorb, by=intake),
    ):
        with pytest.raises(MergedRecord, match=f"merged into No. {keep.pk}"):
            attempt()
    office = signed_in(counselor)
    for name in ("cases:relapse_new", "cases:relapses", "cases:episodes", "desk:chart"):
        answer = office.get(reverse(name, args=[absorb.pk]))
        assert (answer.status_code, answer["Location"]) == (302, reverse(name, args=[keep.pk]))
    note = SessionNote.objects.filter(client=keep).latest("pk")
    old = office.get(reverse("counseling:note_edit", args=[absorb.pk, note.pk]))
    assert old["Location"] == reverse("counseling:note_edit", args=[keep.pk, note.pk])
    office = signed_in(supervisor)
    answer = office.post(
        reverse("cases:relapse_new", args=[absorb.pk]), {"started_on": "2026-03-20", "learned": "To call"}
    )
    assert f"This record was merged into No. {keep.pk}" in answer.content.decode()
    assert "To call" in answer.content.decode()
    assert Relapse.objects.count() == before
    assert signed_in(supervisor).get(reverse("cases:merge", args=[absorb.pk])).status_code == 200


def test_what_was_typed_for_the_old_record_goes_to_the_one_that_holds_it(
    two: tuple[Client, Client], supervisor: StaffMember, counselor: StaffMember, signed_in: object
) -> None:
    """The counselor's care team moved with the record, so that the old address shows them nothing any more."""
    keep, absorb = two
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    said = {"started_on": "2026-03-20", "learned": "To call"}
    office = signed_in(counselor)
    answer = office.post(reverse("cases:relapse_new", args=[absorb.pk]), said)
    page, address = answer.content.decode(), reverse("cases:relapse_new", args=[keep.pk])
    assert answer.status_code == 409
    assert f'action="{address}"' in page
    assert "This record was merged into another one of the same person" in page
    assert carried(page) == said
    assert (
        office.post(reverse("cases:relapse_new", args=[absorb.pk]), said, headers={"X-Autosave": "1"}).status_code
        == 404
    )


def test_an_old_address_tells_a_stranger_nothing(
    two: tuple[Client, Client], supervisor: StaffMember, other_clinic: object, signed_in: object
) -> None:
    keep, absorb = two
    merging.merge(keep=keep, absorb=absorb, by=supervisor)
    stranger = signed_in(factories.StaffMemberFactory(clinic=other_clinic, role="supervisor"))
    assert stranger.get(reverse("cases:relapses", args=[absorb.pk])).status_code == 404
    assert stranger.post(reverse("cases:relapse_new", args=[absorb.pk]), {"learned": "?"}).status_code == 404
