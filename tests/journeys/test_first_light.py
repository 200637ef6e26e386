"""One returning client, from her mother's call to the reminder: the story of the README, through the functions."""

from __future__ import annotations

from cases.models import Client, Inquiry, LevelOfCareAssessment, Relapse, RelapseCoping, TreatmentEpisode, Trigger
from counseling.models import Addendum, CarryOverItem, DischargePlan, Goal, NoteSignature, SessionNote
from groups.models import Attendance, Group, GroupSession, Membership, MentorStep
from privacy.models import Consent
from referrals.models import Conversation, Meeting, MeetingFeed, Referral, Tie
from reminders.models import Reminder

from . import care, first_stay, mutual_help, way_in
from .house import House

WRITTEN_ON_THE_WAY = (
    Client, Inquiry, Relapse, RelapseCoping, Trigger, LevelOfCareAssessment, TreatmentEpisode, CarryOverItem, Goal,
    DischargePlan, SessionNote, NoteSignature, Addendum, Group, Membership, GroupSession, Attendance, MentorStep,
    Consent, MeetingFeed, Meeting, Conversation, Referral, Tie, Reminder,
)  # fmt: skip


def test_somebody_comes_back(house: House, crowd: list[Client]) -> None:
    before = first_stay.she_was_here_before(house)
    rosalind = before.client

    inquiry = way_in.her_mother_calls(house)
    way_in.she_is_found_again(house, inquiry, rosalind, crowd)
    inquiry = way_in.she_is_given_a_counselor(house, inquiry, rosalind)
    relapse = way_in.she_tells_of_the_return_to_use(house, before)
    assessment = way_in.placement_is_decided(house, inquiry, relapse, before)
    episode = way_in.she_is_admitted_again(house, inquiry, relapse, assessment, before)

    items = care.what_was_known_is_laid_out(house, episode, before)
    goal = care.she_says_what_held(house, episode, items, before)
    care.the_first_note_is_signed_and_stands(house, episode, goal, before)

    group, adas, lees = care.a_group_has_been_meeting(house)
    hers = care.she_joins_the_group(house, group, rosalind)
    care.a_peer_mentor_is_appointed(house, group, adas, lees)
    care.the_roll_is_taken(house, group, adas, lees, hers)

    mutual_help.she_may_be_reminded(house, rosalind)
    mutual_help.a_list_of_meetings_is_imported(house)
    meeting = mutual_help.a_meeting_near_her_is_found(house, rosalind)
    referral = mutual_help.she_is_referred(house, rosalind, meeting)
    mutual_help.she_is_reminded_once(house, rosalind)
    mutual_help.she_went_and_finds_a_home_group(house, rosalind, referral)

    nothing_of_it_is_seen_elsewhere(house)


def nothing_of_it_is_seen_elsewhere(house: House) -> None:
    """Her counselor sees every kind of record that came about; a counselor of another clinic sees not one of them."""
    seen = {each.__name__: each._default_manager.visible_to(house.counselor).count() for each in WRITTEN_ON_THE_WAY}
    assert not [name for name, count in seen.items() if count == 0], "nothing there that could leak"
    leaked = {each.__name__: each._default_manager.visible_to(house.stranger).count() for each in WRITTEN_ON_THE_WAY}
    assert not [name for name, count in leaked.items() if count]
    assert not SessionNote.objects.visible_to(house.intake).exists(), "nor does intake read notes"
