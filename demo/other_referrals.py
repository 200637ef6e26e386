"""Places that the demo clinic refers people to, referrals in every state, and naloxone kits."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import cycle
from typing import Any

from django.utils import timezone

from cases.codes import OPIOIDS
from cases.models import Client
from cases.recovery import naloxone
from privacy import consents
from privacy.models import Consent
from referrals.models import ServicePlace, ServiceReferral
from referrals.other_help import naming, places, referring
from referrals.other_help.places import PlaceFacts
from staff.models import StaffMember

from .lives import DAY, Life

PLACES: tuple[PlaceFacts, ...] = (
    {
        "name": "Harbor House",
        "kinds": ["housing"],
        "address": "12 Quay Street, Albany",
        "phone": "518 555 0130",
        "hours": "Intake Mon–Fri 9–4",
        "what_to_bring": "Photo ID and proof of income, if any. They help with both.",
        "languages": "English, Spanish",
        "costs": "No deposit; a third of income",
        "contact_person": "Dana Example",
        "notes": "Medication for opioid use disorder is welcome. A locker for doses at the desk.",
    },
    {
        "name": "Elm Street Recovery Residence",
        "kinds": ["housing", "employment"],
        "address": "40 Elm Street, Albany",
        "phone": "518 555 0131",
        "hours": "Any time; ask for the house manager",
        "costs": "$140 a week; county pays the first month",
        "languages": "English",
    },
    {
        "name": "Riverside Family Health",
        "kinds": ["medical", "naloxone"],
        "address": "200 River Road, Troy",
        "phone": "518 555 0132",
        "hours": "Mon–Sat 8–6, walk-ins until 3",
        "what_to_bring": "Insurance card; not needed for the first visit",
        "languages": "English, Spanish, ASL",
        "costs": "Medicaid, Medicare, sliding scale",
        "contact_person": "Front desk",
    },
    {
        "name": "Capital Legal Aid",
        "kinds": ["legal"],
        "address": "55 State Street, Albany",
        "phone": "518 555 0133",
        "hours": "Phone intake Tue and Thu 1–4",
        "what_to_bring": "Every paper with a date on it",
        "costs": "Free",
        "notes": "Evictions and family court. Not criminal cases.",
    },
    {
        "name": "Parents Together",
        "kinds": ["family"],
        "phone": "518 555 0134",
        "hours": "Wed 5–8",
        "languages": "English, Spanish",
        "costs": "Free; child care during the group",
    },
    {
        "name": "Second Shift Jobs",
        "kinds": ["employment"],
        "address": "9 Depot Lane, Schenectady",
        "phone": "518 555 0135",
        "hours": "Mon–Fri 10–6",
        "costs": "Free",
        "notes": "Talks with employers about court dates and clinic hours.",
    },
    {"name": "Old Mill Shelter", "kinds": ["housing"], "phone": "518 555 0136", "notes": "Closed in the spring."},
)
# Kind, place, status, and how many days ago it was made.
STORIES = (
    ("housing", "Harbor House", "sent", 2),
    ("legal", "Capital Legal Aid", "sent", 12),
    ("medical", "Riverside Family Health", "arranged", 6),
    ("housing", "Elm Street Recovery Residence", "accepted", 24),
    ("employment", "Second Shift Jobs", "seen", 45),
    ("housing", "Harbor House", "got_it", 60),
    ("family", "Parents Together", "partly", 70),
    ("legal", "Capital Legal Aid", "not", 50),
    ("housing", "Harbor House", "declined", 20),
    ("employment", "Second Shift Jobs", "ended", 30),
    ("other", "", "sent", 3),
)  # fmt: skip
RESULTS = {
    "got_it": "Keys to a room of her own on Quay Street. The county pays the first month.",
    "partly": "Two visits with the children arranged; the third depends on the court.",
    "not": "They don’t take criminal cases. The public defender was called instead.",
}
NEEDS = {
    "housing": "A place where I can keep my medication and nobody drinks.",
    "legal": "The letter about the apartment says ten days.",
    "medical": "My tooth, and somebody to look at my arm.",
    "employment": "Anything with hours that leave Tuesday evenings free.",
    "family": "To see my kids on weekends.",
    "other": "A bus pass until payday.",
}


def make_places(*, by: StaffMember) -> int:
    """The directory; one place in it is no longer used. Returns how many there are."""
    for facts in PLACES:
        made = places.add(by=by, **facts)
    places.set_in_use(place=made, in_use=False, by=by)
    return len(PLACES)


def make_referrals(*, lives: Sequence[Life], now: datetime.datetime) -> int:
    """A referral in each state, of people who are here now. Returns how many there are."""
    here = [life for life in lives if life.open_episode and _since(life) >= 75]
    clinic = lives[0].client.clinic
    directory = {place.name: place for place in ServicePlace.objects.filter(clinic=clinic)}
    made = 0
    for life, (kind, name, state, days) in zip(here[2::3], cycle(STORIES), strict=False):
        if made >= 3 * len(STORIES):
            break
        _story(life, kind, directory.get(name), state, days, now)
        made += 1
    return made


def give_kits(*, lives: Sequence[Life]) -> int:
    """Most people here whose substance is an opioid have a kit, and most of them were taught. Returns how many."""
    here = [life for life in lives if life.open_episode and life.substance in OPIOIDS]
    given = [life for number, life in enumerate(here) if number % 3]
    for number, life in enumerate(given):
        since = min(_since(life), 20 + number % 40)
        naloxone.give(
            client=life.client,
            given_on=life.client.today - DAY * since,
            lot=f"NX{2000 + number}" if number % 2 else "",
            trained=number % 4 != 0,
            by=life.counselor,
        )
    return len(given)


def _since(life: Life) -> int:
    """Days since the admission of the present stay."""
    episode = life.open_episode
    return (life.client.today - episode.admitted_on).days if episode else 0


def _story(
    life: Life, kind: str, place: ServicePlace | None, state: str, days: int, now: datetime.datetime
) -> ServiceReferral:
    client, by = life.client, life.counselor
    today = timezone.localdate(now, client.zone)
    day = today - DAY * days
    goes = _named(client, kind, place, by, day) if state in {"arranged", "got_it", "declined"} else {}
    referral = referring.refer(
        client=client, kind=kind, place=place, elsewhere="" if place else "County bus office", need=NEEDS[kind],
        happened_on=day, by=by, at=now - DAY * days, **goes,
    )  # fmt: skip
    if state == "arranged":
        referring.accept(
            referral=referral, told_by="place", happened_on=day + DAY, appointment_on=today + DAY * 2,
            appointment_time=datetime.time(10, 15), note="They hold a slot for him.", by=by, at=now - DAY * (days - 1),
        )  # fmt: skip
    if state == "declined":
        referring.decline(
            referral=referral, told_by="place", happened_on=day + DAY * 2, note="Full until the end of the month.",
            by=by, at=now - DAY * (days - 2),
        )  # fmt: skip
    if state == "ended":
        referring.end(
            referral=referral, happened_on=day + DAY * 5, note="He found work through his uncle.", by=by,
            at=now - DAY * (days - 5),
        )  # fmt: skip
    if state in {"accepted", "seen", *RESULTS}:
        referring.accept(
            referral=referral, told_by="client", happened_on=day + DAY * 2, by=by, at=now - DAY * (days - 2)
        )
    if state in {"seen", *RESULTS}:
        referring.seen(referral=referral, told_by="client", happened_on=day + DAY * 9, by=by, at=now - DAY * (days - 9))
    if state in RESULTS:
        referring.record_result(
            referral=referral, outcome=state, note=RESULTS[state], told_by="client", happened_on=day + DAY * 30, by=by,
            at=now - DAY * (days - 30),
        )  # fmt: skip
    return referral


def _named(
    client: Client, kind: str, place: ServicePlace | None, by: StaffMember, day: datetime.date
) -> dict[str, Any]:
    """A call with the client in the room that says who they are, with the consent for it."""
    assert place is not None
    consents.record(
        client=client,
        type=Consent.Type.DISCLOSURE,
        by=by,
        discloser=client.clinic.name,
        recipients=place.name,
        description=naming.what_is_told(kind),
        purpose=naming.what_for(kind),
        right_to_revoke_stated=True,
        signed_on=day,
        signed_by_name=client.full_name,
        expires_on=day + DAY * 365,
    )
    return {
        "how": "call",
        "spoke_with": place.contact_person or "The front desk",
        "name_client": True,
        "what": naming.what_is_told(kind),
        "why": naming.what_for(kind),
        "note": "On speaker. The client told them what they need; they call back.",
    }
