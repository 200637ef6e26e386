"""What referrals/ hands out of a client's record for a copy of their own (45 CFR 164.524; named in RECORD_SOURCES)."""

from __future__ import annotations

from cases.models import Client
from referrals.models import (
    Conversation,
    FollowThrough,
    Involvement,
    MeetingVisit,
    OwnGoal,
    OwnReport,
    Referral,
    ServiceReferral,
    ServiceReferralStep,
    Tie,
)
from staff.record_part import Part, part


def parts(client: Client) -> list[Part]:
    """Referrals, to mutual help and to places, and what came of them."""
    return [
        part(
            "referrals",
            "Referrals to mutual help",
            Referral.objects.filter(client=client).select_related("meeting").order_by("offered_at", "pk"),
            also={"meeting_name": ("Meeting", lambda row: row.meeting.name if row.meeting else None)},
        ),
        part(
            "referral_steps",
            "Steps of referrals",
            FollowThrough.objects.filter(referral__client=client).order_by("pk"),
            but=("volunteer",),  # another person, in a fellowship that is anonymous
        ),
        part(
            "meeting_visits",
            "Meetings visited",
            MeetingVisit.objects.filter(client=client).order_by("visited_on", "pk"),
        ),
        part(
            "own_reports",
            "What they said by a private page",
            OwnReport.objects.filter(link__follow_through__referral__client=client).order_by("pk"),
        ),
        part(
            "mutual_help_conversations",
            "Conversations about mutual help",
            Conversation.objects.filter(client=client).order_by("started_at", "pk"),
        ),
        part("own_goals", "Goals of their own", OwnGoal.objects.filter(client=client).order_by("begins_on", "pk")),
        part(
            "ties",
            "Sponsors and home groups",
            Tie.objects.filter(client=client).select_related("meeting").order_by("recorded_at", "pk"),
            but=("name",),  # another person, in a fellowship that is anonymous
            also={"meeting_name": ("Meeting", lambda row: row.meeting.name if row.meeting else None)},
        ),
        part(
            "mutual_help",
            "Mutual help",
            Involvement.objects.filter(client=client).order_by("on", "pk"),
        ),
        part(
            "other_referrals",
            "Referrals to other help",
            ServiceReferral.objects.filter(client=client).select_related("place").order_by("made_at", "pk"),
            also={"place_name": ("Place", lambda row: row.where)},
        ),
        part(
            "other_referral_steps",
            "Steps of referrals to other help",
            ServiceReferralStep.objects.filter(referral__client=client).order_by("pk"),
        ),
    ]
