"""Returns to use as the functions record them: in pieces, with every refusal, and what follows from the row."""

import datetime

import pytest
import time_machine
from django.apps import apps

from cases.episodes import admissions
from cases.models import Client, CopingStrategy, Relapse, Trigger, WarningSign
from cases.recovery import learning, relapses, sobriety
from staff.models import AuditEntry, Program, StaffMember
from staff.refusals import NotPermitted, Refusal

D = datetime.date


@pytest.fixture(autouse=True)
def _ninth_of_march() -> object:
    with time_machine.travel(datetime.datetime(2026, 3, 9, 16, tzinfo=datetime.UTC), tick=False):
        yield


def test_recorded_with_everything_that_was_told(client_record: Client, counselor: StaffMember) -> None:
    relapse = relapses.record(
        client=client_record, started_on=D(2026, 3, 2), ended_on=D(2026, 3, 5), days_used=2, kind="lapse",
        substances=["alcohol", {"substance": "heroin", "route": "injection"}], triggers=["Payday"],
        warning_signs=["Not sleeping"], coping_tried=[("Called my sister", "partly")],
        situations=["urges", "conflict"], primary_situation="urges", learned="Not alone", by=counselor,
    )  # fmt: skip
    assert (relapse.recorded_by, relapse.is_open, relapses.involves_opioids(relapse)) == (counselor, False, True)
    assert {(each.substance, each.route) for each in relapse.substances.all()} == {
        ("alcohol", ""), ("heroin", "injection"),
    }  # fmt: skip
    assert Trigger.objects.get().first_seen_on == D(2026, 3, 2)
    assert [(each.strategy.wording, each.outcome) for each in relapse.coping.all()] == [("Called my sister", "partly")]
    assert AuditEntry.objects.filter(act="cases.record_relapse").count() == 1


def test_a_wording_that_is_known_is_found_and_not_doubled(client_record: Client, counselor: StaffMember) -> None:
    for day, wording in ((2, "Payday"), (5, "  payday ")):
        relapses.record(
            client=client_record, started_on=D(2026, 3, day), ended_on=D(2026, 3, day), triggers=[wording],
            warning_signs=[wording], coping_tried=[(wording, "helped")], by=counselor,
        )  # fmt: skip
    assert Trigger.objects.with_evidence().get().evidence == 2
    assert WarningSign.objects.with_evidence().get().evidence == 2
    assert CopingStrategy.objects.with_outcomes().get().helped == 2


def test_use_during_treatment_belongs_to_its_episode(
    client_record: Client, counselor: StaffMember, program: Program
) -> None:
    episode = admissions.admit(
        client=client_record, program=program, level_of_care="1", admitted_on=D(2026, 1, 5), by=counselor
    )
    within = relapses.record(client=client_record, started_on=D(2026, 2, 2), ended_on=D(2026, 2, 2), by=counselor)
    assert within.episode == episode
    moved = relapses.amend(relapse=within, started_on=D(2025, 12, 1), by=counselor)
    assert moved.episode is None


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"ended_on": D(2026, 3, 1)}, relapses.EndsBeforeItStarts),
        ({"ended_on": D(2026, 3, 3), "days_used": 3}, relapses.MoreDaysThanThereWere),
        ({"days_used": 9}, relapses.MoreDaysThanThereWere),  # still using: 8 days up to today
        ({"ended_on": D(2026, 3, 10)}, relapses.StillToCome),
        ({"overdosed_on": D(2026, 3, 10)}, relapses.StillToCome),
        ({"situations": ["urges"], "primary_situation": "conflict"}, relapses.NotAmongThem),
    ],
)
def test_refused_when_recorded_and_when_amended(
    facts: dict, refusal: type[Refusal], client_record: Client, counselor: StaffMember
) -> None:
    with pytest.raises(refusal):
        relapses.record(client=client_record, started_on=D(2026, 3, 2), by=counselor, **facts)
    assert not Relapse.objects.exists()
    relapse = relapses.record(client=client_record, started_on=D(2026, 3, 2), by=counselor)
    with pytest.raises(refusal):
        relapses.amend(relapse=relapse, by=counselor, **facts)
    relapse.refresh_from_db()
    assert (relapse.ended_on, relapse.days_used, relapse.primary_situation) == (None, None, "")


def test_a_first_day_to_come_and_a_fact_that_does_not_exist(client_record: Client, counselor: StaffMember) -> None:
    with pytest.raises(relapses.StillToCome):
        relapses.record(client=client_record, started_on=D(2026, 3, 10), by=counselor)
    with pytest.raises(TypeError, match="recorded_by"):
        relapses.record(client=client_record, started_on=D(2026, 3, 2), recorded_by=counselor, by=counselor)


def test_today_is_the_clinics_day(client_record: Client, counselor: StaffMember) -> None:
    with time_machine.travel(datetime.datetime(2026, 3, 10, 2, tzinfo=datetime.UTC), tick=False):  # the evening before
        with pytest.raises(relapses.StillToCome):
            relapses.record(client=client_record, started_on=D(2026, 3, 10), by=counselor)
        relapses.record(client=client_record, started_on=D(2026, 3, 9), by=counselor)


def test_amended_lists_replace_and_what_is_not_given_stays(client_record: Client, counselor: StaffMember) -> None:
    relapse = relapses.record(
        client=client_record, started_on=D(2026, 3, 2), substances=["alcohol", "heroin"], triggers=["Payday"],
        coping_tried=[("Walk", "did_not")], by=counselor,
    )  # fmt: skip
    relapses.amend(
        relapse=relapse, substances=["alcohol"], coping_tried=[("Walk", "helped")], learned="To rest", by=counselor
    )
    relapse.refresh_from_db()
    assert [each.substance for each in relapse.substances.all()] == ["alcohol"]
    assert relapse.coping.get().outcome == "helped"
    assert (relapse.triggers.get().wording, relapse.learned) == ("Payday", "To rest")


def test_a_trigger_taken_out_again_stays_in_the_history(client_record: Client, counselor: StaffMember) -> None:
    relapse = relapses.record(client=client_record, started_on=D(2026, 3, 2), triggers=["Payday"], by=counselor)
    relapses.amend(relapse=relapse, triggers=["The stairwell at work"], by=counselor)
    assert relapse.triggers.get().wording == "The stairwell at work"
    events = apps.get_model("cases", "RelapseTriggerEvent").objects.order_by("pgh_id")
    told = [(each.pgh_label, each.trigger.wording, each.pgh_context.metadata["staff_member"]) for each in events]
    assert told == [
        ("insert", "Payday", counselor.pk),
        ("delete", "Payday", counselor.pk),
        ("insert", "The stairwell at work", counselor.pk),
    ]


def test_closed_once(client_record: Client, counselor: StaffMember) -> None:
    relapse = relapses.record(client=client_record, started_on=D(2026, 3, 2), by=counselor)
    with pytest.raises(relapses.EndsBeforeItStarts):
        relapses.close(relapse=relapse, ended_on=D(2026, 3, 1), by=counselor)
    relapses.close(relapse=relapse, ended_on=D(2026, 3, 5), by=counselor)
    with pytest.raises(relapses.AlreadyEnded):
        relapses.close(relapse=relapse, ended_on=D(2026, 3, 6), by=counselor)


def test_what_another_person_learned_is_not_taken(
    client_record: Client, make_client: object, supervisor: StaffMember
) -> None:
    trigger = learning.add_trigger(client=make_client(), wording="Payday", by=supervisor)
    with pytest.raises(Refusal, match="another client"):
        relapses.record(client=client_record, started_on=D(2026, 3, 2), triggers=[trigger], by=supervisor)
    assert not Relapse.objects.exists()


def test_what_is_no_longer_true_stays_on_record(client_record: Client, counselor: StaffMember) -> None:
    trigger = learning.add_trigger(client=client_record, wording="Payday", by=counselor)
    with pytest.raises(learning.NotInThePast):
        learning.mark_no_longer_true(item=trigger, on=D(2026, 3, 10), by=counselor)
    learning.mark_no_longer_true(item=trigger, on=D(2026, 3, 9), by=counselor)
    assert not Trigger.objects.still_true().exists()
    learning.mark_still_true(item=trigger, by=counselor)
    assert Trigger.objects.still_true().exists()
    with pytest.raises(learning.WordingNeeded):
        learning.add_strategy(client=client_record, wording="  ", by=counselor)


def test_a_stated_date_is_one_more_row_and_never_in_the_future(client_record: Client, counselor: StaffMember) -> None:
    with pytest.raises(sobriety.DateStillToCome):
        sobriety.state(client=client_record, sobriety_date=D(2026, 3, 10), by=counselor)
    for day in (D(2026, 3, 9), D(2026, 1, 5)):
        sobriety.state(client=client_record, sobriety_date=day, by=counselor)
    assert len(sobriety.statements_of(client_record)) == 2
    assert sobriety.standing(client_record, D(2026, 3, 9)).sobriety_date == D(2026, 1, 5)
    assert AuditEntry.objects.filter(act="cases.state_sobriety_date").count() == 2


def test_only_who_may_record_and_sees_the_client(
    client_record: Client, counselor: StaffMember, intake: StaffMember, privacy_officer: StaffMember, make_staff: object
) -> None:
    stranger = make_staff()  # a counselor who is not on the care team
    relapse = relapses.record(client=client_record, started_on=D(2026, 3, 2), by=intake)
    for nobody in (stranger, privacy_officer):
        for act in (
            lambda by: relapses.record(client=client_record, started_on=D(2026, 3, 1), by=by),
            lambda by: relapses.amend(relapse=relapse, learned="x", by=by),
            lambda by: relapses.close(relapse=relapse, ended_on=D(2026, 3, 5), by=by),
            lambda by: relapses.warn_of_tolerance(relapse=relapse, by=by),
            lambda by: sobriety.state(client=client_record, sobriety_date=D(2026, 3, 1), by=by),
            lambda by: learning.add_trigger(client=client_record, wording="x", by=by),
        ):
            with pytest.raises(NotPermitted):
                act(nobody)
    relapse.refresh_from_db()
    assert (relapse.is_open, relapse.learned, Relapse.objects.count()) == (True, "", 1)


def test_what_was_called_past_is_true_again_when_a_return_to_use_names_it(
    client_record: Client, counselor: StaffMember
) -> None:
    """Each in its own words, in the same act, with who and when in the history and in the audit log."""
    payday = learning.add_trigger(client=client_record, wording="Payday", by=counselor)
    sign = learning.add_warning_sign(client=client_record, wording="Not sleeping", by=counselor)
    walk = learning.add_strategy(client=client_record, wording="Walking", by=counselor)
    for item in (payday, sign, walk):
        learning.mark_no_longer_true(item=item, on=D(2026, 3, 1), by=counselor)
    named = {"triggers": ["payday"], "warning_signs": [sign], "coping_tried": [("Walking", "helped")]}
    earlier = relapses.record(
        client=client_record, started_on=D(2026, 2, 1), ended_on=D(2026, 2, 1), by=counselor, **named
    )
    payday.refresh_from_db()
    assert payday.no_longer_true_since == D(2026, 3, 1), "use from before says nothing of what has passed since"
    relapses.record(client=client_record, started_on=D(2026, 3, 5), ended_on=D(2026, 3, 5), by=counselor, **named)
    for item in (payday, sign, walk):
        item.refresh_from_db()
        assert item.no_longer_true_since is None
    about = AuditEntry.objects.filter(act="cases.still_true").values_list("subject_type", "subject_id")
    assert set(about) == {(item._meta.label_lower, item.pk) for item in (payday, sign, walk)}
    event = apps.get_model("cases", "TriggerEvent").objects.filter(pgh_obj=payday.pk).latest("pgh_id")
    assert event.pgh_context.metadata["act"] == "cases.record_relapse"
    learning.mark_no_longer_true(item=payday, on=D(2026, 3, 6), by=counselor)
    relapses.amend(relapse=earlier, triggers=[payday], learned="Not alone", by=counselor)
    payday.refresh_from_db()
    assert payday.no_longer_true_since == D(2026, 3, 6)


def test_a_form_that_is_saved_again_does_not_undo_what_was_found_to_be_past(
    client_record: Client, counselor: StaffMember
) -> None:
    """It sends all that it shows. Only what was not there before is named anew."""
    relapse = relapses.record(
        client=client_record,
        started_on=D(2026, 3, 9),
        triggers=["Payday"],
        coping_tried=[("Rain", "helped")],
        by=counselor,
    )
    payday, rain = Trigger.objects.get(), CopingStrategy.objects.get()
    for item in (payday, rain):
        learning.mark_no_longer_true(item=item, on=D(2026, 3, 9), by=counselor)
    relapses.amend(relapse=relapse, triggers=[payday], coping_tried=[(rain, "partly")], by=counselor)
    assert not Trigger.objects.still_true().exists()
    assert not CopingStrategy.objects.still_true().exists()


def test_what_was_called_past_is_true_again_when_somebody_adds_it_again(
    client_record: Client, counselor: StaffMember
) -> None:
    payday = learning.add_trigger(client=client_record, wording="Payday", by=counselor)
    learning.mark_no_longer_true(item=payday, on=D(2026, 3, 1), by=counselor)
    learning.add_trigger(client=client_record, wording="Payday", first_seen_on=D(2026, 2, 1), by=counselor)
    assert not Trigger.objects.still_true().exists(), "as it was in February"
    assert learning.add_trigger(client=client_record, wording="payday", by=counselor).no_longer_true_since is None
    assert Trigger.objects.still_true().get() == payday
    assert AuditEntry.objects.filter(act="cases.still_true").count() == 1
