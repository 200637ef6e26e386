"""What the record knows of a client's mutual help so far, what helped first: for the first step of the conversation."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.db.models import Q
from django.urls import reverse

from cases.models import Client
from staff.models import StaffMember
from staff.prepared import IsOneOf
from staff.reading import Reading, query, reads, rows, together

from .involvement import in_words
from .listing import Attendance
from .models import Conversation, Involvement, Meeting, MeetingVisit, Referral, Tie
from .models.conversation import Barrier
from .models.followthrough import Step
from .models.identity import SameMeeting, is_meeting_listed
from .models.own_report import BEST

_MOST = 12
_REPORTS = 5
OFFERED_FIRST = 4
DISLIKED_UP_TO = 2  # of five: “How was it?” so low is no praise


@dataclass(frozen=True)
class Known:
    """One thing that was tried, and what came of it."""

    wording: str
    detail: str
    url: str
    helped: bool
    notes: tuple[str, ...] = ()
    fellowship: str = ""
    meeting: Meeting | None = None
    is_off_the_lists: bool = False
    is_open: bool = False  # a referral that goes on

    @property
    def is_listed(self) -> bool:
        """Whether its meeting can be gone to again."""
        meeting = self.meeting
        return meeting is not None and not self.is_off_the_lists and meeting.attendance != Attendance.INACTIVE


@reads
def known(*, client: Client, by: StaffMember, besides: Conversation | None = None) -> Reading[list[Known]]:
    """Ties, referrals with their visits, and involvement of this and earlier episodes; what helped first.

    What was only offered `besides`, in the conversation that is going on, was not tried yet.
    """
    whose = {"client": client, "by": by}
    referred, visited, involved, tied, leading = yield from together(
        rows(
            query(
                lambda client, by: (
                    Referral.objects.visible_to(by)
                    .filter(client=client)
                    .with_state()
                    .annotate(meeting_is_listed=is_meeting_listed())
                    .select_related("meeting")
                ),
                **whose,
            )
        ),
        rows(
            query(
                lambda client, by: (
                    MeetingVisit.objects.visible_to(by).filter(client=client).select_related("own_report")
                ),
                **whose,
            )
        ),
        rows(query(lambda client, by: Involvement.objects.visible_to(by).filter(client=client), **whose)),
        rows(
            query(
                lambda client, by: (
                    Tie.objects.visible_to(by)
                    .standing()
                    .filter(client=client)
                    .annotate(meeting_is_listed=is_meeting_listed())
                    .select_related("meeting")
                ),
                **whose,
            )
        ),
        # In the same statement: asked for each kind by itself, the leads would cost a query more.
        rows(
            query(
                lambda client, clinic: (
                    SameMeeting.objects.leading_at(clinic)
                    .filter(Q(listing__referrals__client=client) | Q(listing__home_group_of__client=client))
                    .select_related("lead__feed")
                    .distinct()
                ),
                client=client,
                clinic=client.clinic_id,
            )
        ),
    )
    told: list[Referral | Tie] = [*referred, *tied]
    for each in told:
        each.client = client
        if each.meeting is not None:
            each.meeting.led_by = [same for same in leading if same.listing_id == each.meeting_id]
    visits: dict[int | None, list[MeetingVisit]] = defaultdict(list)
    for visit in visited:
        visits[visit.referral_id].append(visit)
    zone = client.clinic.zone
    found = [
        *(_tie(tie) for tie in tied),
        *(_referral(each, visits[each.pk], zone) for each in referred if not _is_new(each, besides)),
        *_involvements(involved, client),
    ]
    return sorted(found, key=lambda each: not each.helped)[:_MOST]


def helped(*, client: Client, by: StaffMember, besides: Conversation | None = None) -> list[Known]:
    """What helped before, to be offered first: each meeting and fellowship once, with what it did then."""
    return _that_helped(known(client=client, by=by, besides=besides))


@reads
def before_offering(
    *, client: Client, by: StaffMember, meetings: Collection[int]
) -> Reading[tuple[list[Known], list[MeetingVisit]]]:
    """The same, and the latest reports about these meetings, which are one in several lists. One statement."""
    found, visits = yield from together(
        known.part(client=client, by=by),
        rows(
            query(
                lambda client, by, meetings: MeetingVisit.objects.visible_to(by).filter(
                    IsOneOf("meeting", meetings), client=client
                )[:_REPORTS],
                client=client,
                by=by,
                meetings=sorted(meetings),
            )
        ),
    )
    return _that_helped(found), visits


def _that_helped(all_known: Iterable[Known]) -> list[Known]:
    found: dict[object, Known] = {}
    for each in all_known:
        key = each.meeting or each.wording
        if each.helped and (before := found.get(key)):
            found[key] = replace(before, detail=f"{before.detail}; {each.detail}", notes=before.notes + each.notes)
        elif each.helped:
            found[key] = each
    return list(found.values())[:OFFERED_FIRST]


def _is_new(referral: Referral, besides: Conversation | None) -> bool:
    return besides is not None and referral.conversation_id == besides.pk and referral.state == Step.OFFERED


def _tie(tie: Tie) -> Known:
    detail = f"{tie.get_fellowship_display()}, {tie.span}" if tie.span else tie.get_fellowship_display()
    return Known(
        str(tie),
        detail,
        reverse("referrals:client_referrals", args=[tie.client_id]),
        helped=True,
        fellowship=tie.fellowship,
        meeting=tie.lead,
        is_off_the_lists=tie.is_off_the_lists,
    )


def _referral(referral: Referral, visits: list[MeetingVisit], zone: zoneinfo.ZoneInfo) -> Known:
    went = [each for each in visits if each.attended]
    times = f"went {_times(went)}, by client report" if went else ""
    state = f"{referral.state_label}, {_day(referral.state_at, zone)}"
    missed = [each.get_missed_because_display().lower() for each in visits if each.missed_because]
    barriers = f"got in the way: {', '.join(dict.fromkeys(missed))}" if missed else ""
    ratings = [each.own_report.how_it_was for each in _by_day(went) if each.own_report and each.own_report.how_it_was]
    rated = f"the client said {ratings[-1]} of {BEST}" if ratings else ""
    return Known(
        str(referral),
        "; ".join(filter(None, (state, times, rated, barriers))),
        reverse("referrals:referral", args=[referral.client_id, referral.pk]),
        helped=(bool(went) or referral.state == Step.ENGAGED) and not _was_not_for_them(visits),
        notes=tuple(each.note for each in went if each.note)[:2],
        fellowship=referral.fellowship,
        meeting=referral.lead,
        is_off_the_lists=referral.is_off_the_lists,
        is_open=referral.is_open,
    )


def _was_not_for_them(visits: list[MeetingVisit]) -> bool:
    """Whether the client's last word on it was that they didn't like it: what one went to need not have helped."""
    for visit in reversed(_by_day(visits)):
        if visit.missed_because == Barrier.DISLIKED:
            return True
        if visit.own_report and visit.own_report.how_it_was:
            return visit.own_report.how_it_was <= DISLIKED_UP_TO
    return False


def _by_day(visits: list[MeetingVisit]) -> list[MeetingVisit]:
    return sorted(visits, key=lambda each: (each.visited_on, each.pk))


def _times(went: list[MeetingVisit]) -> str:
    """How often, and when."""
    days = sorted(each.visited_on for each in went)
    if len(days) == 1:
        return f"once, {days[0]:%b %-d, %Y}"
    return f"{len(days)} times, {days[0]:%b %-d, %Y} to {days[-1]:%b %-d, %Y}"


def _involvements(answers: Iterable[Involvement], client: Client) -> Iterable[Known]:
    """The last answers for each fellowship."""
    last = {row.fellowship: row for row in reversed(list(answers))}
    for row in last.values():
        said = any(getattr(row, question) for question in Involvement.QUESTIONS)
        yield Known(
            f"{row.get_fellowship_display() or 'Mutual help'}, by client report",
            in_words(row),
            reverse("referrals:client_referrals", args=[client.pk]),
            helped=said or bool(row.meetings_past_30_days),
            fellowship=row.fellowship,
        )


def _day(at: datetime.datetime, zone: zoneinfo.ZoneInfo) -> str:
    return f"{at.astimezone(zone):%b %-d, %Y}"
