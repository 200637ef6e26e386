"""The conversation before a referral: five steps, each of which can be left and taken up again."""

from __future__ import annotations

import datetime
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import safety
from cases.episodes import admissions
from cases.models import Client
from counseling import notes
from referrals import guide, referring, ties
from referrals.fellowships import Fellowship
from referrals.models import Conversation, FollowThrough, Meeting, MeetingFeed, Referral
from staff.models import AuditEntry, Clinic, Program, StaffMember
from staff.refusals import NotPermitted
from tests import factories
from tests.places import NEW_YORK

Make = Callable[..., Meeting]
SignIn = Callable[[StaffMember], Browser]
MONDAY = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=NEW_YORK)
TUESDAY = datetime.date(2026, 3, 3)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


def at(client: Client, stage: str) -> str:
    return reverse("referrals:guide_stage", args=[client.pk, stage])


def test_from_the_first_question_to_the_day(desk: Browser, client_record: Client, make_meeting: Make) -> None:
    meeting = make_meeting(name="Example Tuesday")
    resume = reverse("referrals:guide", args=[client_record.pk])
    assert desk.get(resume).url == at(client_record, "tried")
    answer = desk.post(at(client_record, "tried"), {"tried": "before", "words": "Went at noon once."})
    assert answer.url == at(client_record, "concerns")
    assert desk.get(resume).url == at(client_record, "concerns")  # left, and taken up again
    answer = desk.post(at(client_record, "concerns"), {"concerns": ["first_time", "religion"], "words": "All that God"})
    assert answer.url == at(client_record, "choose")
    assert desk.get(resume).url == at(client_record, "choose")

    page = desk.get(at(client_record, "choose"), {"program": "aa"}).content.decode()
    assert "Example Tuesday" in page
    desk.post(at(client_record, "choose"), {"meeting": meeting.pk})
    desk.post(at(client_record, "choose"), {"fellowship": "smart"})
    assert [str(each) for each in Referral.objects.order_by("choice")] == [
        "Alcoholics Anonymous: Example Tuesday",
        "SMART Recovery",
    ]
    referral = Referral.objects.get(meeting=meeting)
    assert desk.get(resume).url == at(client_record, "call")

    said = {"referral": referral.pk, "volunteer": "Mary Jo"}
    refused = desk.post(at(client_record, "call"), said | {"client_was_named": "on"}).content.decode()
    assert "No active consent" in refused
    assert desk.post(at(client_record, "call"), said).url == at(client_record, "day")
    assert referring.state_of(referral) == "linked"

    plan = {"referral": referral.pk, f"plan{referral.pk}-on": "2026-03-04"}
    wrong = desk.post(at(client_record, "day"), plan).content.decode()
    assert "this meeting is on Tuesdays" in wrong
    desk.post(at(client_record, "day"), plan | {f"plan{referral.pk}-on": "2026-03-03"})
    assert referring.state_of(referral) == "planned"
    page = desk.get(at(client_record, "day")).content.decode()
    assert page.count("(done)") == len(guide.KEYS)

    desk.post(reverse("referrals:guide_finish", args=[client_record.pk]))
    talk = Conversation.objects.get()
    assert (talk.tried, talk.concerns, talk.finished_at) == ("before", ["first_time", "religion"], MONDAY)
    assert desk.get(resume).url == at(client_record, "tried")  # the next one begins anew
    page = desk.get(reverse("referrals:referral", args=[client_record.pk, referral.pk])).content.decode()
    assert "Went at noon once." in page
    assert "religion, the first time" in page
    acts = set(AuditEntry.objects.filter(client_id=client_record.pk).values_list("act", flat=True))
    assert acts >= {f"referrals.guide_{each}" for each in ("tried", "concerns", "choose", "finish")}


def test_nothing_is_written_by_looking(desk: Browser, client_record: Client) -> None:
    for stage in guide.KEYS:
        assert desk.get(at(client_record, stage)).status_code == 200
    assert not Conversation.objects.exists()
    assert desk.get(at(client_record, "nonsense")).status_code == 404


@pytest.mark.parametrize(
    ("stage", "said", "kept"),
    [
        ("tried", {"tried": "goes", "words": "Tuesdays, the big hall"}, "Tuesdays, the big hall"),
        ("tried", {"words": "Tuesdays, the big hall"}, "Tuesdays, the big hall"),  # the answer itself forgotten
        ("concerns", {"concerns": ["religion", "anonymity"], "words": "Grew up with it"}, "Grew up with it"),
    ],
)
@pytest.mark.parametrize("danger", [False, True])
def test_a_page_of_a_conversation_that_was_finished_begins_none_unasked(
    desk: Browser, client_record: Client, counselor: StaffMember, stage: str, said: dict[str, Any], kept: str,
    danger: bool,
) -> None:  # fmt: skip
    talk = guide.remember_tried(client=client_record, tried="never", by=counselor)
    url = reverse("referrals:guide_stage", args=[client_record.pk, stage])
    field = f'<input type="hidden" name="talk" value="{talk.pk}">'
    assert field in desk.get(url).content.decode()
    guide.finish(conversation=talk, by=counselor)
    sent = said | {"talk": str(talk.pk)} | ({"reports_danger": "on"} if danger else {})

    shown = desk.post(url, sent).content.decode()
    assert "This conversation was finished on" in shown
    assert kept in shown
    assert '<input type="hidden" name="talk" value="">' in shown  # sent again, it is meant
    assert Conversation.objects.count() == 1
    box = re.search(r'<input[^>]+name="reports_danger"[^>]*>', shown)
    assert box is not None
    assert "checked" not in box[0]
    assert len(re.findall(r'name="concerns"[^>]*checked', shown)) == len(said.get("concerns", []))
    assert bool(safety.open_concerns(client=client_record, on=client_record.today)) is danger
    assert ("The danger you reported is kept" in shown) is danger

    again = said | {"tried": "goes"} if stage == "tried" else said
    assert desk.post(url, again | {"talk": ""}).status_code == 302
    assert Conversation.objects.count() == 2
    assert kept in (Conversation.objects.open().get().tried_words, Conversation.objects.open().get().concerns_words)
    talk.refresh_from_db()
    assert (talk.tried, talk.tried_words, talk.concerns_words) == ("never", "", "")


def test_nor_does_a_choice_or_an_end_of_one_that_was_finished(
    desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    talk = guide.remember_tried(client=client_record, tried="never", by=counselor)
    guide.finish(conversation=talk, by=counselor)
    meeting, stale = make_meeting(name="Example"), {"talk": str(talk.pk)}
    url = reverse("referrals:guide_stage", args=[client_record.pk, "choose"])
    for said in ({"meeting": str(meeting.pk)}, {"fellowship": "aa"}, {"put_back": "1"}):
        shown = desk.post(url, stale | said, follow=True).content.decode()
        assert "This conversation was finished on" in shown
    assert (Conversation.objects.count(), Referral.objects.count()) == (1, 0)

    new = guide.remember_tried(client=client_record, tried="goes", by=counselor)
    finish = reverse("referrals:guide_finish", args=[client_record.pk])
    assert "This conversation is finished." in desk.post(finish, stale, follow=True).content.decode()
    assert Conversation.objects.open().get() == new
    desk.post(finish, {"talk": str(new.pk)})
    assert not Conversation.objects.open().exists()


@pytest.mark.parametrize("talk", ["", "x", "-1", "99999999999999999999999", "٣"])
def test_nonsense_for_the_conversation_is_none(desk: Browser, client_record: Client, talk: str) -> None:
    url = reverse("referrals:guide_stage", args=[client_record.pk, "concerns"])
    assert desk.post(url, {"talk": talk}).status_code == 302
    assert Conversation.objects.count() == 1


def test_a_step_can_be_answered_again(client_record: Client, counselor: StaffMember) -> None:
    guide.remember_concerns(client=client_record, concerns=["medication"], words="Methadone", by=counselor)
    guide.remember_concerns(client=client_record, concerns=[], by=counselor)
    talk = Conversation.objects.get()
    assert (talk.concerns, talk.concerns_words) == ([], "")
    assert guide.done(talk, []) == {"concerns"}  # nothing is an answer
    events = Conversation.objects.get().events.values_list("concerns", flat=True)  # type: ignore[attr-defined]
    assert ["medication"] in list(events)  # and what was said first stays in the history


def test_up_to_three(client_record: Client, counselor: StaffMember, make_meeting: Make) -> None:
    chosen = [guide.choose(client=client_record, meeting=make_meeting(), by=counselor) for _ in range(3)]
    with pytest.raises(guide.EnoughChosen):
        guide.choose(client=client_record, fellowship="na", by=counselor)
    assert guide.choose(client=client_record, meeting=chosen[0].meeting, by=counselor) == chosen[0]  # already chosen
    guide.put_back(referral=chosen[1], by=counselor)
    assert referring.state_of(chosen[1]) == "declined"
    assert guide.choose(client=client_record, fellowship="na", by=counselor).choice == 2
    assert Referral.objects.filter(conversation__isnull=False).count() == 3


def test_what_was_offered_before_can_become_a_choice(
    desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    """Such as a meeting that was found in the finder while the conversation went on."""
    found = referring.offer(client=client_record, meeting=make_meeting(name="Example found"), by=counselor)
    page = desk.get(at(client_record, "choose")).content.decode()
    assert "Offered before" in page
    desk.post(at(client_record, "choose"), {"meeting": found.meeting_id})
    assert Referral.objects.get().choice == 1
    assert "Offered before" not in desk.get(at(client_record, "choose")).content.decode()


def test_what_is_under_way_stays_when_it_is_taken_off_the_list(
    client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    under_way = referring.offer(client=client_record, meeting=make_meeting(), by=counselor)
    referring.plan(referral=under_way, on=TUESDAY, by=counselor)
    assert guide.choose(client=client_record, meeting=under_way.meeting, by=counselor) == under_way
    under_way.refresh_from_db()
    guide.put_back(referral=under_way, by=counselor)
    assert referring.state_of(under_way) == "planned"
    assert Referral.objects.get().conversation is None


def test_what_the_database_refuses(client_record: Client, counselor: StaffMember) -> None:
    talk = guide.remember_tried(client=client_record, tried="never", by=counselor)
    row = {"client": client_record, "fellowship": "aa", "offered_at": MONDAY, "offered_by": counselor}
    Referral.objects.create(**row, conversation=talk, choice=1)
    for wrong in (
        {"conversation": talk, "choice": 1},
        {"conversation": talk, "choice": 4},
        {"conversation": talk, "choice": None},
        {"conversation": None, "choice": 1},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Referral.objects.create(**row, **wrong)
    start = {"client": client_record, "started_at": MONDAY, "started_by": counselor}
    for wrong in (
        {"tried": "often"},
        {"concerns": ["weather"], "concerns_asked_at": MONDAY},
        {"concerns": ["religion"]},
        {"finished_at": MONDAY},
        {"finished_at": MONDAY - datetime.timedelta(days=1), "finished_by": counselor},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            Conversation.objects.create(**start, **wrong)


def test_no_fellowship_always_comes_first(make_client: Callable[..., Client], desk: Browser) -> None:
    first = {guide.ring(number)[0] for number in range(len(Fellowship))}
    assert first == set(Fellowship) - {Fellowship.OTHER}
    for number in range(30):
        assert set(guide.ring(number)) == set(Fellowship)
        assert guide.ring(number)[-1] == Fellowship.OTHER


def test_all_kinds_are_offered_alike(desk: Browser, client_record: Client) -> None:
    page = desk.get(at(client_record, "choose")).content.decode()
    for each in Fellowship:
        assert len(re.findall(rf'class="guide-kind"\s+href="\?program={each.value}#', page)) == 1
    assert "Meetings online" in page


@pytest.mark.parametrize(
    ("language", "is_theirs"), [("English", False), ("Spanish", True), ("English and Spanish", True)]
)
def test_meetings_in_spanish_are_a_choice(
    desk: Browser, client_record: Client, make_meeting: Make, language: str, is_theirs: bool
) -> None:
    """For everybody; whose record names Spanish, alone or beside English, sees it marked."""
    make_meeting(name="Example Amanecer", types=["S"])
    make_meeting(name="Example Daybreak")
    Client.objects.filter(pk=client_record.pk).update(language=language)
    page = desk.get(at(client_record, "choose"), {"fit": "spanish"}).content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Meetings in Spanish" in words
    assert ("On their record: Meetings in Spanish" in words) is is_theirs
    assert "Example Amanecer" in words
    assert "Example Daybreak" not in words


def test_a_concern_leads_to_meetings_that_fit(
    desk: Browser, client_record: Client, make_meeting: Make, clinic: Clinic
) -> None:
    make_meeting(name="Example with prayer")
    make_meeting(name="Example secular", types=["A"])
    make_meeting(name="Example newcomers", types=["BE"])
    mara = MeetingFeed.objects.create(clinic=clinic, name="Example MARA", fellowship="mara")
    make_meeting(name="Example medication", fellowship="mara", feed=mara)
    make_meeting(name="Example online", attendance="online", conference_url="https://zoom.us/j/1")
    for fit, name in (
        ("religion", "Example secular"),
        ("first_time", "Example newcomers"),
        ("medication", "Example medication"),
        ("anonymity", "Example online"),
    ):
        page = desk.get(at(client_record, "choose"), {"fit": fit}).content.decode()
        found = set(re.findall(r"Example (?:with prayer|secular|newcomers|medication|online)", page))
        assert found == {name}, fit


@pytest.mark.parametrize(
    "sent", [{"meeting": "9" * 30}, {"meeting": "0"}, {"fellowship": "nobody"}, {}, {"put_back": "1"}]
)
def test_nonsense_that_is_sent_is_not_there(desk: Browser, client_record: Client, sent: dict[str, str]) -> None:
    assert desk.post(at(client_record, "choose"), sent).status_code == 404
    assert desk.post(at(client_record, "day"), sent | {"referral": "x"}).status_code == 404
    assert not Referral.objects.exists()


def test_next_to_a_session_note(
    desk: Browser, client_record: Client, counselor: StaffMember, program: Program, make_meeting: Make
) -> None:
    episode = admissions.admit(
        client=client_record, program=program, level_of_care="1.5", admitted_on=MONDAY.date(), by=counselor
    )
    note = notes.start(client=client_record, episode=episode, by=counselor)
    url = reverse("counseling:note_edit", args=[client_record.pk, note.pk])
    assert "Talk about it step by step" in desk.get(url).content.decode()
    referral = guide.choose(client=client_record, meeting=make_meeting(), by=counselor)
    referring.plan(referral=referral, on=TUESDAY, by=counselor)
    page = desk.get(url).content.decode()
    assert "Resume the conversation" in page
    assert "Means to go on Tue, Mar 3, 7:00 PM Eastern" in page
    FollowThrough.objects.create(
        referral=referral, step="planned", at=MONDAY, by=counselor, planned_for=MONDAY - datetime.timedelta(days=1)
    )
    assert "Did they go on Sunday, Mar 1?" in desk.get(url).content.decode()


def test_the_pages_stay_within_their_queries(
    desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    for number in range(3):
        guide.choose(client=client_record, meeting=make_meeting(name=f"Example {number}"), by=counselor)
    for stage in guide.KEYS:
        url = at(client_record, stage) + ("?program=aa" if stage == "choose" else "")
        desk.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(url).status_code == 200
        assert len(caught) <= 12, (stage, [each["sql"][:120] for each in caught])
    ties.sponsor(client=client_record, fellowship="aa", name="Sam", by=counselor)
    referral = Referral.objects.latest("pk")
    referring.record_visit(referral=referral, visited_on=MONDAY.date(), attended=False, by=counselor)
    for name, args in (("client_referrals", [client_record.pk]), ("referral", [client_record.pk, referral.pk])):
        url = reverse(f"referrals:{name}", args=args)
        desk.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(url).status_code == 200
        assert len(caught) <= 12, (name, [each["sql"][:120] for each in caught])


def test_who_may_not(
    client_record: Client, intake: StaffMember, medical: StaffMember, make_staff: Callable[..., StaffMember],
    other_clinic: Clinic, signed_in: SignIn,
) -> None:  # fmt: skip
    strangers = [make_staff("counselor"), factories.StaffMemberFactory(clinic=other_clinic, role="supervisor")]
    for other in (intake, medical, *strangers):
        with pytest.raises(NotPermitted):
            guide.remember_tried(client=client_record, tried="never", by=other)
        with pytest.raises(NotPermitted):
            guide.choose(client=client_record, fellowship="aa", by=other)
    for stranger in strangers:
        assert signed_in(stranger).get(at(client_record, "tried")).status_code == 404


def test_a_choice_that_was_ended_frees_its_place(
    client_record: Client, counselor: StaffMember, make_meeting: Callable[..., Meeting]
) -> None:
    for number in range(3):
        row = guide.choose(client=client_record, meeting=make_meeting(name=f"Example {number}"), by=counselor)
        referring.end(referral=row, by=counselor)
    assert guide.choose(client=client_record, meeting=make_meeting(name="Example four"), by=counselor).choice == 1


def test_all_that_was_offered_before_can_be_chosen(
    desk: Browser, client_record: Client, counselor: StaffMember, make_meeting: Make
) -> None:
    for number in range(8):
        referring.offer(client=client_record, meeting=make_meeting(name=f"Example {number}"), by=counselor)
    shown = desk.get(at(client_record, "choose")).content.decode()
    assert [number for number in range(8) if f"Example {number}, offered before" in shown] == [*range(8)]


@pytest.mark.django_db(transaction=True)
def test_taking_a_choice_off_waits_for_who_records_a_visit(
    client_record: Client, counselor: StaffMember, make_meeting: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both lock the client's referrals in one order: neither is the victim of a deadlock."""
    guide.choose(client=client_record, meeting=make_meeting(name="One"), by=counselor)
    second = guide.choose(client=client_record, meeting=make_meeting(name="Two"), by=counselor)
    faults: list[BaseException] = []
    begun, decline = threading.Event(), referring.decline

    def record() -> None:
        try:
            begun.wait(5)
            with transaction.atomic():
                referring.take_turns(client_record)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    def then(**said: Any) -> FollowThrough:
        begun.set()
        thread.join(0.3)  # it waits for this act, or for the row that this act has not locked yet
        return decline(**said)

    thread = threading.Thread(target=record)
    monkeypatch.setattr(referring, "decline", then)
    thread.start()
    guide.put_back(referral=second, by=counselor)
    thread.join()
    assert not faults
