"""What to say in the conversation before a referral: the words that ship, and a clinic's own in their place.

After intensive referral (Timko & DeBenedetti 2007): past experience, concerns, a group that fits, a call with the
client in the room, an agreed date, and the question how it went.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from staff.access import Permission, demand
from staff.acts import act
from staff.models import Clinic, StaffMember
from staff.refusals import Refusal

from .models import GuideWords
from .models.conversation import LONGEST_WORDS, Barrier, Concern


class NoSuchWords(Refusal):
    """A text that the guide does not have."""

    sentence = "The guide has no such text."


@dataclass(frozen=True)
class Text:
    """One text of the guide: where it stands, and the words that ship."""

    key: str
    part: str
    title: str
    words: str


_STEPS = "The five steps"
_CONCERNS = "Answers to concerns"
_AFTER = "After a visit"
_BARRIERS = "When something got in the way"

TEXTS: tuple[Text, ...] = (
    Text(
        "tried",
        _STEPS,
        "What was tried before",
        "Many people here have been to a mutual-help group at some time, and many have not. Have you? What was it "
        "like? What, if anything, was good about it? What would need to be different this time?",
    ),
    Text(
        "concerns",
        _STEPS,
        "Concerns",
        "Most people have some doubts before they go. What would make it hard for you? Some think of religion, some"
        " of their medication, some of who might see them there.",
    ),
    Text(
        "choose",
        _STEPS,
        "Choosing",
        "There are several kinds of groups, and none is right for everyone. Which of these would you like to look "
        "at? We can choose up to three and you can see which one fits.",
    ),
    Text(
        "call",
        _STEPS,
        "Calling a volunteer",
        "People from the group offer to meet newcomers and go in with them. We could call one now, together. You "
        "decide whether we say your name.",
    ),
    Text(
        "day",
        _STEPS,
        "Setting a date",
        "Which day would work for you? How will you get there? Next time we talk, I will ask you how it went, "
        "whether you went or not.",
    ),
    Text(
        Concern.RELIGION,
        _CONCERNS,
        "Religion",
        "Some groups speak of a higher power, and you can take that in your own way or leave it. Others are secular"
        " and don’t mention it at all. Here are some of those.",
    ),
    Text(
        Concern.MEDICATION,
        _CONCERNS,
        "Taking medication",
        "Medication for addiction is treatment, and you are in recovery with it. You don’t have to tell anyone at "
        "a meeting what you take. Some groups are made for people who take it.",
    ),
    Text(
        Concern.ANONYMITY,
        _CONCERNS,
        "Being seen or known",
        "No one keeps a list of who came, and a first name is enough. You could go to one in another town, or "
        "online with the camera off.",
    ),
    Text(
        Concern.FIRST_TIME,
        _CONCERNS,
        "The first time",
        "You can just listen. If you are asked to speak, “I’ll pass today” is fine. Some meetings are made for "
        "newcomers, and someone can meet you at the door.",
    ),
    Text(
        Concern.OTHER,
        _CONCERNS,
        "Something else",
        "Thank you for telling me. Let’s see what would make it easier, and choose with that in mind.",
    ),
    Text(
        "went",
        _AFTER,
        "They went",
        "You said you would go, and you went. That took something. What was good about it? Was there anyone you "
        "would like to talk with again?",
    ),
    Text(
        "went_again",
        _AFTER,
        "They went again",
        "You keep going, and that is what helps people most. Is there someone there whom you might ask to be your "
        "sponsor? Is it becoming your group?",
    ),
    Text(
        "missed",
        _AFTER,
        "They did not go",
        "Thank you for telling me. It happens to most people, and it changes nothing between us. What got in the "
        "way? Let’s look at another day.",
    ),
    Text(
        "missed_planned",
        _AFTER,
        "They did not go, and the next day is set",
        "Thank you for telling me. It happens to most people, and it changes nothing between us. What got in the "
        "way? What would help on the day you have in mind?",
    ),
    Text(
        f"missed_{Barrier.NO_RIDE}",
        _BARRIERS,
        "No ride",
        "Let’s find one that you can walk or ride to, or one online. A volunteer may be able to pick you up.",
    ),
    Text(
        f"missed_{Barrier.ANXIOUS}",
        _BARRIERS,
        "Felt anxious",
        "Walking in is the hardest part. We can call someone who meets you at the door, or you can listen to one "
        "online first.",
    ),
    Text(
        f"missed_{Barrier.FORGOT}",
        _BARRIERS,
        "Forgot",
        "That is easily done. Let’s set a date that goes with something you do anyway, and put it in your phone now.",
    ),
    Text(
        f"missed_{Barrier.SCHEDULE}",
        _BARRIERS,
        "Schedule",
        "Then that was the wrong time, not the wrong idea. Which days and hours are yours?",
    ),
    Text(
        f"missed_{Barrier.DISLIKED}",
        _BARRIERS,
        "Didn’t like it",
        "Good that you looked. Meetings differ a lot, and so do fellowships. What did you miss there? Let’s choose "
        "another kind.",
    ),
    Text(
        f"missed_{Barrier.USED}",
        _BARRIERS,
        "Had used",
        "Thank you for telling me. You are welcome there, and here, on such a day too. Are you safe now? Let’s talk"
        " about what happened, and then about the next meeting.",
    ),
    Text(
        f"missed_{Barrier.OTHER}",
        _BARRIERS,
        "Something else",
        "What would have made it possible? Let’s plan with that in mind.",
    ),
)
# Of these the words ask for another day; where one is set already, "missed_planned" is said instead.
ASK_FOR_A_DAY = frozenset({"missed", f"missed_{Barrier.FORGOT}"})
BY_KEY = {text.key: text for text in TEXTS}


def words_for(clinic: Clinic) -> dict[str, str]:
    """Every text of the guide by its key: the clinic's own words, else those that ship. One query."""
    own = dict(GuideWords.objects.filter(clinic=clinic).in_use().values_list("key", "words"))
    return {text.key: own.get(text.key) or text.words for text in TEXTS}


def rewrite(*, key: str, words: str, by: StaffMember) -> GuideWords | None:
    """Put the clinic's own words in the place of a text; blank brings back those that ship. Earlier words are kept.

    Returns None if they are the words already in use. Raises NoSuchWords.
    """
    demand(by, Permission.REFERRAL_GUIDE)
    if key not in BY_KEY:
        raise NoSuchWords
    words = words.strip()
    if len(words) > LONGEST_WORDS:
        raise Refusal(f"This is longer than {LONGEST_WORDS} characters. Say it in fewer words.")
    own = "" if words == BY_KEY[key].words else words
    with act("referrals.guide_words", by=by) as entry:
        Clinic.objects.select_for_update(of=("self",), no_key=True).get(pk=by.clinic_id)  # two at once take turns
        last = GuideWords.objects.filter(clinic=by.clinic_id, key=key).order_by("-pk").first()
        if own == (last.words if last else ""):
            entry.nothing_changed()
            return None
        row = GuideWords.objects.create(clinic=by.clinic, key=key, words=own, at=timezone.now(), by=by)
        entry.about(row, key=key)
    return row
