"""What the record knows of a client's mutual help so far, what helped first: for the first step of the conversation."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from cases.models import Client
from staff.models import StaffMember
from staff.reading import Reading, query, reads, rows, together

from .involvement import in_words
from .models import Conversation, Involvement, MeetingVisit, Referral, Tie
from .models.followthrough import Step

_MOST = 12


@dataclass(frozen=True)
class Known:
    """One thing that was tried, and what came of it."""

    wording: str
    detail: str
    url: str
    helped: bool
    notes: tuple[str, ...] = ()


@reads
def known(*, client: Client, by: StaffMember, besides: Conversation | None = None) -> Reading[list[Known]]:
    """Ties, referrals with their visits, and involvement of this and earlier episodes; what helped first.

    What was only offered `besides`, in the conversation that is going on, was not tried yet.
    """
    whose = {"client": client, "by": by}
    referred, visited, involved, tied = yield from together(
        rows(
            query(
                lambda client, by: (
                    Referral.objects.visible_to(by).filter(client=client).with_state().select_related("meeting")
                ),
                **whose,
            )
        ),
        rows(query(lambda client, by: MeetingVisit.objects.visible_to(by).filter(client=client), **whose)),
        rows(query(lambda client, by: Involvement.objects.visible_to(by).filter(client=client), **whose)),
        rows(
            query(
                lambda client, by: (
                    Tie.objects.visible_to(by).standing().filter(client=client).select_related("meeting")
                ),
                **whose,
            )
        ),
    )
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


def _is_new(referral: Referral, besides: Conversation | None) -> bool:
    return besides is not None and referral.conversation_id == besides.pk and referral.state == Step.OFFERED


def _tie(tie: Tie) -> Known:
    detail = f"{tie.get_fellowship_display()}, {tie.span}" if tie.span else tie.get_fellowship_display()
    return Known(str(tie), detail, reverse("referrals:client_referrals", args=[tie.client_id]), helped=True)


def _referral(referral: Referral, visits: list[MeetingVisit], zone: zoneinfo.ZoneInfo) -> Known:
    went = [each for each in visits if each.attended]
    times = f"went {len(went)} time{'' if len(went) == 1 else 's'}, by client report" if went else ""
    state = f"{referral.state_label}, {_day(referral.state_at, zone)}"
    missed = [each.get_missed_because_display().lower() for each in visits if each.missed_because]
    barriers = f"got in the way: {', '.join(dict.fromkeys(missed))}" if missed else ""
    return Known(
        str(referral),
        "; ".join(filter(None, (state, times, barriers))),
        reverse("referrals:referral", args=[referral.client_id, referral.pk]),
        helped=bool(went) or referral.state == Step.ENGAGED,
        notes=tuple(each.note for each in went if each.note)[:2],
    )


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
        )


def _day(at: datetime.datetime, zone: zoneinfo.ZoneInfo) -> str:
    return f"{at.astimezone(zone):%b %-d, %Y}"
