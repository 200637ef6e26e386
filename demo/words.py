"""Text for the demo's notes, plans and returns to use. Written for it; no real person's words."""

from __future__ import annotations

TRIGGERS = [
    ("Payday with nothing planned", "positive_emotions"),
    ("Arguing with my brother about money", "conflict"),
    ("Sunday evenings alone", "negative_emotions"),
    ("Back pain that keeps me up", "negative_physical"),
    ("Driving past the old apartment", "urges"),
    ("Old friends from the warehouse", "social_pressure"),
    ("Weddings and birthdays", "pleasant_times"),
    ("Thinking I can have just one", "testing_control"),
    ("Court dates", "negative_emotions"),
    ("The week of my mother's anniversary", "negative_emotions"),
    ("Being yelled at by the shift lead", "conflict"),
    ("Long drives with cash in my pocket", "urges"),
    ("Holidays with the whole family", "pleasant_times"),
    ("Not sleeping two nights in a row", "negative_physical"),
]
STRATEGIES = [
    "Call my sister before I leave work",
    "Walk the canal path until it passes",
    "Text my sponsor one honest sentence",
    "Hand my card to my partner on payday",
    "Go to the noon meeting",
    "Breathe four-seven-eight for five minutes",
    "Write down what I would lose tonight",
    "Cook something that takes an hour",
    "Sit in the library until closing",
    "Take the bus route that avoids the store",
    "Put the phone in the other room and nap",
    "Play the tape to the end",
]
SIGNS = [
    ("I stop answering texts", "isolation"),
    ("I sleep until noon", "body"),
    ("I skip breakfast and the gym", "routines"),
    ("I tell myself I deserve it", "thoughts"),
    ("I get short with my kids", "feelings"),
    ("I stop going to my home group", "stopped_support"),
    ("I drive the long way home", "places_people"),
    ("I hide small things", "thoughts"),
]
LEARNED = [
    "Asking for a ride is easier than explaining afterward.",
    "The plan had nothing for the hours after the meeting.",
    "Two bad nights are enough warning; the third is too late.",
    "It was not the party, it was going alone.",
    "Pain needs its own plan, agreed with the medical provider.",
    "Telling one person the same day kept it to one day.",
    "Money in hand and no plan go badly together.",
]
CHANGES = [
    "Call before, not after. Sister's number on the first screen.",
    "Thursday group moves to the evening of payday.",
    "Ask the provider about sleep without sedatives.",
    "A friend comes along to family events.",
    "Medication stays with the partner for the first month.",
]
FEELINGS = [
    "Restless and lonely.",
    "Angry, then flat.",
    "Proud, and a bit too sure.",
    "Worn out.",
    "Ashamed about missing work.",
]
PRECIPITANTS = [
    "A call from an old friend on a Friday night.",
    "The landlord's letter came that morning.",
    "A good week, and wanting it to go on.",
    "No sleep for two nights.",
    "The fight at dinner.",
]
SUPPORTS = [
    "Called the sponsor the next morning.",
    "Told the partner that evening.",
    "Nobody at first; the counselor on day three.",
]
GOALS = [
    ("Stay in recovery through the first 90 days at home", "Attend the relapse prevention group 10 of 12 weeks"),
    ("Sleep six hours without sedatives", "Keep the sleep diary five nights a week for a month"),
    ("Mend trust with the family", "One family session every two weeks, three in all"),
    ("Work again, at least part time", "Meet the vocational counselor by the end of the month"),
    ("Have people to call who do not use", "Go to two mutual-help meetings a week and get three phone numbers"),
    ("Manage pain with the agreed plan", "See the medical provider monthly and bring the pain log"),
]
NEEDS = {
    GOALS[0][0]: "Craving, and evenings without a plan",
    GOALS[1][0]: "Sleep and health",
    GOALS[2][0]: "Family and trust",
    GOALS[3][0]: "Work and money",
    GOALS[4][0]: "People who do not use",
    GOALS[5][0]: "Sleep and health",
}
PACES = ["slow and real", "uneven", "steady", "ahead of the plan"]
TOPICS = [
    "High-risk situations",
    "Craving comes and goes",
    "Asking for help early",
    "Sleep and recovery",
    "Money and payday",
    "Family and boundaries",
    "After a slip: what now",
    "Making a safer home",
]
REASONS = [
    "Has been using again for some weeks and wants to come back before it gets worse.",
    "Slipped over the weekend and is scared of where it goes.",
    "Her son found him asleep in the car; the family is frightened.",
    "Was doing well until the job ended. Asks whether the old counselor is still here.",
    "Wants to know what coming back would mean for work.",
]
COSTS_NOW = [
    "Lying to my daughter. I hate that.",
    "I am one missed shift from losing the job.",
    "I do not sleep and I am scared of the mail.",
]
BENEFITS_NOW = ["It is quiet in my head for an hour.", "I do not have to explain anything to anyone."]
BENEFITS_CHANGE = ["My sister would talk to me again.", "Mornings. I miss mornings."]
COSTS_CHANGE = ["Telling my boss.", "I would miss the people I drink with, some of them."]


def progress_note(*, client: str, trigger: str, strategy: str, goal: str, number: int) -> dict[str, str]:
    """One session in DAP form, from what this client works on; `number` counts the sessions of the episode."""
    openings = [
        f"{client} came on time and talked about the week.",
        f"{client} described a hard week and was open about it.",
        f"{client} said the week was “better than I expected”.",
        f"{client} came tired after night shifts and stayed the full hour.",
    ]
    middles = [
        f"“{trigger}” came up twice; used “{strategy.lower()}” the first time and waited the second time out.",
        f"Worked through “{trigger}” step by step: what comes before it, what it promises, what it costs.",
        f"Rehearsed “{strategy.lower()}” for the coming weekend, with a second plan if nobody answers.",
        "Compared this week with the one before the last return to use; named two early signs from then.",
    ]
    ends = [
        "Mood steady, sleep still short.",
        "Craving rated 3 of 10, down from 6.",
        "No thoughts of suicide; denies plan or intent.",
    ]
    plans = [
        f"Keep “{strategy.lower()}” on the card in the wallet. Bring one example next time.",
        f"Next session in a week. Between sessions: one step toward “{goal.lower()}”.",
        "Family member invited to the next session, with consent.",
    ]
    return {
        "data": f"{openings[number % 4]} {middles[number % 4]} {ends[number % 3]}",
        "assessment": f"Progress toward “{goal.lower()}” is {PACES[number % 4]}.",
        "plan": plans[number % 3],
    }
