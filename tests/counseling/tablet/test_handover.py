"""Tablet sessions: what is kept, when they end, and who may do what."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cases import merging
from counseling import measures, tasks, thresholds
from counseling.codes import ASKED_BY_A_CLINICIAN, HandoverEnd, Instrument
from counseling.measures import instrument_texts
from counseling.models import Handover, Measure
from counseling.tablet import handover
from staff.models import AuditEntry, ClinicThreshold, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.counseling.measures.test_measure_pages import fake_words
from tests.counseling.tampering import behind_the_triggers

from .tablets import with_named_answers

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 9, 15, 0, tzinfo=datetime.UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def out(clock: Any, client_record, episode, counselor) -> Handover:
    return handover.open(client=client_record, instruments=["phq-9", "gad-7"], by=counselor)


def say(out: Handover, *choices: int | None, start: int = 1) -> None:
    """Answer questions in order, beginning with the one numbered `start`."""
    asked = handover.questions(now(out))
    for question, choice in zip(asked[start - 1 :], choices, strict=False):
        handover.answer(handover=out, question=question, choice=None if choice is None else str(choice))


def now(out: Handover) -> Handover:
    """The row as it is."""
    return Handover.objects.for_reading().get(pk=out.pk)


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("act", flat=True))


def test_sixteen_answers_become_two_measures_recorded_by_who_handed_it_over(out, client_record, episode, counselor):
    assert [each.number for each in handover.questions(out)] == list(range(1, 17))
    say(out, *[1] * 8, 0, *[2] * 7)
    assert (now(out).answered, now(out).asked) == (16, 16)
    assert not Measure.objects.exists(), "nothing is a measure before it is handed in"
    ended = handover.finish(handover=out)
    assert (ended.ended_how, ended.ended_by) == (HandoverEnd.FINISHED, None)
    phq, gad = Measure.objects.order_by("pk")
    assert [(row.instrument, row.total, row.band) for row in (phq, gad)] == [
        ("phq-9", 8, "Mild"),
        ("gad-7", 14, "Moderate"),
    ]
    assert {(row.client, row.episode, row.recorded_by) for row in (phq, gad)} == {(client_record, episode, counselor)}
    assert phq.on_a_tablet.handover == out


def test_what_one_would_rather_not_answer_leaves_no_score_and_can_be_changed(out):
    say(out, *[0] * 8, None)
    assert handover.questions(now(out))[8].is_reached
    handover.finish(handover=out)
    phq = Measure.objects.get()
    assert (phq.total, phq.band, "9" in phq.answers) == (None, "", False)


def test_an_answer_is_changed_until_it_is_handed_in(out):
    say(out, 3)
    say(out, 1)
    handover.finish(handover=out)
    assert Measure.objects.get().answers == {"1": 1}
    with pytest.raises(handover.Closed):
        say(out, 2)


def test_question_9_raises_its_alarm_also_when_the_rest_was_never_answered(out, clock, counselor):
    say(out, *[None] * 8, 1)
    clock.shift(datetime.timedelta(minutes=11))
    assert handover.end_due(timezone.now()) == 1
    phq = Measure.objects.get()
    assert phq.total is None
    assert list(measures.unanswered_alarms()) == [phq]
    assert handover.asks_for_more(now(out))


def test_nothing_answered_is_no_measure(out):
    say(out, None, None)
    assert handover.finish(handover=out).answered == 0
    assert not Measure.objects.exists()


@pytest.mark.parametrize("answer", ["4", "-1", "x", "", "0.5"])
def test_an_answer_that_is_not_on_the_form_is_refused(out, answer):
    with pytest.raises(measures.AnswerNotAllowed):
        handover.answer(handover=out, question=handover.questions(out)[0], choice=answer)
    assert now(out).answered == 0


class TestTime:
    def test_it_closes_ten_minutes_after_the_last_answer(self, out, clock):
        clock.shift(datetime.timedelta(minutes=9))
        say(out, 2)
        clock.shift(datetime.timedelta(minutes=9, seconds=59))
        assert handover.end_due(timezone.now()) == 0
        clock.shift(datetime.timedelta(seconds=1))
        assert handover.end_due(timezone.now()) == 1
        ended = now(out)
        assert (ended.ended_how, ended.ended_at) == (HandoverEnd.TIMED_OUT, NOW + datetime.timedelta(minutes=19))
        assert Measure.objects.get().taken_at == NOW + datetime.timedelta(minutes=9), "when it was last answered"

    def test_it_closes_after_45_minutes_however_busy_the_client_is(self, out, clock):
        for number in range(1, 9):
            clock.shift(datetime.timedelta(minutes=5))
            say(out, 1, start=number)
        clock.shift(datetime.timedelta(minutes=5))
        with pytest.raises(handover.Closed):
            say(out, 1, start=9)
        assert handover.end_due(timezone.now()) == 1
        assert now(out).ended_at == NOW + datetime.timedelta(minutes=45)

    def test_saying_that_one_is_there_gives_more_time(self, out, clock):
        clock.shift(datetime.timedelta(minutes=9))
        handover.stay(handover=out)
        clock.shift(datetime.timedelta(minutes=9))
        say(out, 1)

    def test_both_times_are_the_clinics_own(self, clock, client_record, counselor):
        for threshold, value in ((thresholds.TABLET_IDLE_MINUTES, 3), (thresholds.TABLET_LONGEST_MINUTES, 20)):
            ClinicThreshold.objects.create(clinic=client_record.clinic, key=threshold.key, value=value, reason="Ours")
        out = handover.open(client=client_record, instruments=["gad-7"], by=counselor)
        assert (out.closes_at - NOW, out.ends_at - NOW) == tuple(datetime.timedelta(minutes=each) for each in (3, 20))

    def test_the_page_ends_it_when_it_is_asked_for_too_late(self, out, clock):
        assert handover.opened_by_token(out.token).ended_at is None
        clock.shift(datetime.timedelta(minutes=10))
        assert handover.opened_by_token(out.token).ended_how == HandoverEnd.TIMED_OUT

    def test_beats_job_ends_each_once(self, out, clock):
        say(out, 1)
        clock.shift(datetime.timedelta(hours=3))
        assert [tasks.end_handovers(), tasks.end_handovers()] == [1, 0]
        assert Measure.objects.count() == 1
        assert acts().count("counseling.end_handover") == 1

    def test_what_is_handed_in_too_late_was_ended_by_the_time(self, out, clock, counselor):
        say(out, 1)
        clock.shift(datetime.timedelta(minutes=30))
        assert handover.take_back(handover=out, by=counselor).ended_how == HandoverEnd.TIMED_OUT
        assert now(out).ended_by is None


class TestWho:
    @pytest.mark.parametrize("instrument", ASKED_BY_A_CLINICIAN)
    def test_what_a_clinician_asks_is_never_handed_over(self, client_record, counselor, instrument):
        with pytest.raises(handover.NotForTheClient):
            handover.open(client=client_record, instruments=["phq-9", instrument], by=counselor)
        assert not Handover.objects.exists()

    def test_nor_is_one_whose_words_the_clinic_does_not_have(self, client_record, counselor):
        with pytest.raises(handover.NotForTheClient, match="BARC-10"):
            handover.open(client=client_record, instruments=["barc-10"], by=counselor)
        with pytest.raises(handover.NothingToFillIn):
            handover.open(client=client_record, instruments=[], by=counselor)

    def test_one_with_words_of_the_clinics_own_is_and_they_stay_as_they_were_handed_over(
        self, client_record, counselor, supervisor
    ):
        words = with_named_answers(fake_words("barc-10"), "barc-10")
        first = instrument_texts.install(instrument=Instrument.BARC10, words=words, by=supervisor)
        out = handover.open(client=client_record, instruments=["barc-10"], by=counselor)
        words.items[0]["text"] = "Another sample question"
        second = instrument_texts.install(instrument=Instrument.BARC10, words=words, by=supervisor, seen=1)
        say(out, 2)
        instrument_texts.retire(text=second, by=supervisor)
        assert handover.questions(now(out))[0].item.text == "Sample question 1"
        assert not handover.offered(client_record.clinic)[2:], "nobody is handed what is out of use"
        handover.finish(handover=out)
        assert Measure.objects.get().text == first

    def test_only_for_a_client_of_ones_own(self, make_staff: Callable[..., StaffMember], client_record, intake, out):
        stranger = make_staff("counselor")
        for person in (intake, stranger):
            with pytest.raises(NotPermitted):
                handover.open(client=client_record, instruments=["phq-9"], by=person)
        assert not Handover.objects.visible_to(stranger).exists()
        assert not Handover.objects.visible_to(intake).exists(), "how far somebody got is what they answered"
        with pytest.raises(NotPermitted):
            handover.take_back(handover=out, by=stranger)
        assert now(out).ended_at is None

    def test_nobody_of_another_clinic_takes_it_back(self, out, other_clinic):
        with pytest.raises(NotPermitted):
            handover.take_back(handover=out, by=factories.StaffMemberFactory(clinic=other_clinic, role="supervisor"))

    def test_the_front_desk_may_take_it_back(self, out, intake):
        say(out, 1)
        assert handover.take_back(handover=out, by=intake).ended_by == intake
        assert Measure.objects.get().recorded_by == out.opened_by
        assert handover.take_back(handover=out, by=out.opened_by).ended_by == intake, "it stays as it ended"

    def test_one_at_a_time_for_a_client(self, out, client_record, counselor, clock):
        with pytest.raises(handover.InTheirHands):
            handover.open(client=client_record, instruments=["phq-9"], by=counselor)
        say(out, 1)
        clock.shift(datetime.timedelta(minutes=11))
        again = handover.open(client=client_record, instruments=["phq-9"], by=counselor)
        assert now(out).ended_how == HandoverEnd.TIMED_OUT
        assert Measure.objects.count() == 1
        assert again.token != out.token

    @pytest.mark.parametrize("fate", ["deactivated", "off the care team"])
    def test_what_was_said_is_kept_whatever_becomes_of_who_handed_it_over(
        self, out, counselor, client_record, fate, clock
    ):
        say(out, *[0] * 8, 2)
        if fate == "deactivated":
            counselor.is_active = False
            counselor.save()
        else:
            client_record.care_team.update(ends_at=timezone.now() + datetime.timedelta(seconds=1))
            clock.shift(datetime.timedelta(minutes=1))
            with pytest.raises(NotPermitted):
                handover.take_back(handover=out, by=counselor)
        handover.finish(handover=out)
        assert Measure.objects.get().recorded_by == counselor
        assert measures.unanswered_alarms().exists()


def test_opening_and_ending_are_audited_with_how_and_by_whom(out, counselor, supervisor):
    say(out, 1, 2, None)
    handover.take_back(handover=out, by=supervisor)
    opened, ended = (AuditEntry.objects.get(act=f"counseling.{act}") for act in ("hand_over", "end_handover"))
    assert (opened.staff_member, opened.details["instruments"]) == (counselor, ["phq-9", "gad-7"])
    assert (ended.staff_member, ended.details["how"], ended.details["answered"]) == (supervisor, "taken_back", 2)
    assert (opened.client_id, ended.client_id) == (out.client_id, out.client_id)
    assert out.token not in str([opened.details, ended.details])


def test_the_token_itself_is_nowhere_kept(out):
    assert out.token not in str(Handover.objects.values().get())
    assert handover.opened_by_token(out.token) == out
    for guess in ("", out.token_hash, out.token[:-1], out.token.swapcase()):
        assert handover.opened_by_token(guess) is None


def test_it_moves_along_when_two_records_of_the_client_are_joined(out, client_record, clinic, supervisor, counselor):
    say(out, 1)
    twin = factories.ClientFactory(clinic=clinic, counselor=counselor)
    merging.merge(keep=twin, absorb=client_record, by=supervisor)
    assert now(out).client == twin
    say(out, 2, start=2)
    handover.finish(handover=out)
    assert Measure.objects.get().client == twin


def test_an_ended_one_moves_along_and_back_with_its_measures(out, client_record, clinic, supervisor, counselor):
    say(out, 1)
    handover.finish(handover=out)
    twin = factories.ClientFactory(clinic=clinic, counselor=counselor)
    merge = merging.merge(keep=twin, absorb=client_record, by=supervisor)
    assert (now(out).client, Measure.objects.get().client) == (twin, twin)
    merging.unmerge(merge=merge, by=supervisor)
    assert (now(out).client, Measure.objects.get().client) == (client_record, client_record)


def test_one_handed_in_while_joined_goes_back_with_its_episode_and_its_measure(
    out, client_record, clinic, supervisor, counselor
):
    twin = factories.ClientFactory(clinic=clinic, counselor=counselor)
    merge = merging.merge(keep=twin, absorb=client_record, by=supervisor)
    say(out, 1)
    handover.finish(handover=out)
    assert Measure.objects.get().client == twin
    merging.unmerge(merge=merge, by=supervisor)
    measure = Measure.objects.get()
    assert (now(out).client, measure.client, measure.episode.client) == (client_record,) * 3


def test_one_opened_while_joined_and_still_out_goes_back_with_its_episode(
    clock, client_record, episode, clinic, supervisor, counselor
):
    twin = factories.ClientFactory(clinic=clinic, counselor=counselor)
    merge = merging.merge(keep=twin, absorb=client_record, by=supervisor)
    out = handover.open(client=twin, instruments=["phq-9"], by=counselor)
    say(out, 2)
    merging.unmerge(merge=merge, by=supervisor)
    handover.finish(handover=now(out))
    measure = Measure.objects.get()
    assert (now(out).client, measure.client, measure.episode) == (client_record, client_record, episode)


def test_an_episode_that_is_another_clients_meanwhile_keeps_no_answer_from_being_kept(
    out, client_record, episode, clinic, counselor
):
    say(out, 1)
    other = factories.ClientFactory(clinic=clinic, counselor=counselor)
    behind_the_triggers("cases_treatmentepisode", f"UPDATE cases_treatmentepisode SET client_id = {other.pk}")
    assert handover.finish(handover=out).ended_how == HandoverEnd.FINISHED
    measure = Measure.objects.get()
    assert (measure.client, measure.episode, measure.answers) == (client_record, None, {"1": 1})


def test_one_that_cannot_be_ended_keeps_no_other_from_being_ended(out, clock, clinic, counselor, monkeypatch, caplog):
    other = factories.ClientFactory(clinic=clinic, counselor=counselor)
    later = handover.open(client=other, instruments=["gad-7"], by=counselor)
    say(out, 1)
    say(later, 2)
    keep = measures.keep

    def faulty(*, measure: Measure, by: StaffMember) -> Measure:
        if measure.client_id == out.client_id:
            raise measures.NotTheirEpisode
        return keep(measure=measure, by=by)

    monkeypatch.setattr(measures, "keep", faulty)
    clock.shift(datetime.timedelta(minutes=11))
    assert handover.end_due(timezone.now()) == 1
    assert (now(later).ended_how, now(out).ended_at) == (HandoverEnd.TIMED_OUT, None)
    said = caplog.text
    assert f"Tablet {out.pk}" in said
    assert out.client.family_name not in said
    monkeypatch.undo()
    assert handover.end_due(timezone.now()) == 1, "the next time it is tried again"


@pytest.mark.parametrize("lacking", ["lowest", "highest", "named by its number"])
def test_a_text_that_does_not_say_what_its_answers_mean_is_not_handed_to_a_client(
    lacking, client_record, episode, counselor, supervisor
):
    words = with_named_answers(fake_words("audit-c"), "audit-c")
    names = words.items[2]["answers"]
    lowest, highest = min(names, key=int), max(names, key=int)
    if lacking == "named by its number":
        names[highest] = highest
    else:
        del names[lowest if lacking == "lowest" else highest]
    instrument_texts.install(instrument=Instrument.AUDIT_C, words=words, by=supervisor)
    assert Instrument.AUDIT_C not in [each.form.instrument for each in handover.offered(client_record.clinic)]
    with pytest.raises(handover.NotForTheClient):
        handover.open(client=client_record, instruments=["audit-c"], by=counselor)
    whole = with_named_answers(fake_words("audit-c"), "audit-c")
    instrument_texts.install(instrument=Instrument.AUDIT_C, words=whole, by=supervisor, seen=1)
    assert handover.open(client=client_record, instruments=["audit-c"], by=counselor)
