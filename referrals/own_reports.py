"""What a client says by a private link: kept once, as their own words, and followed up as any report of a visit.

Whoever holds the link is taken for the client, as whoever answers a text is; the journal says that it came this way.
"""

from __future__ import annotations

from dataclasses import replace

from django.utils import timezone

from reminders import contacts, crisis, meaning
from reminders.crisis_words import Danger
from reminders.models import CrisisReply, DeliveryAttempt
from staff import clinic_scope, outside
from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember
from staff.refusals import Refusal

from . import cries, followups, own_plans, private_links, referring
from .models import FollowThrough, OwnReport, PrivateLink, Referral
from .private_links import Closed

MOST_TOLD = 20  # different words of danger from one link that wait for somebody at a time
BY_PAGE = "private page"  # where a report came from, if it is not known where its message went


class NothingToAsk(Refusal):
    """A link is for a meeting that is over and of which nothing was told."""

    sentence = "Only a planned meeting that is over, and of which nothing was told yet, can be asked about."


class NoWayThere(Refusal):
    """A link that no message can carry would only seem to be sent."""

    sentence = "No private link can go out now."


class NothingToTurnOff(Refusal):
    """The link was used, or is off already."""

    sentence = "No private link waits for an answer. It may have been used meanwhile. Reload the page."


def answer(
    *,
    token: str,
    attended: bool,
    how_it_was: int | None = None,
    line: str = "",
    craving: int | None = None,
    again: bool | None = None,
    sent_as: str = "",
    language: str = "en",
) -> tuple[OwnReport, Danger | None]:
    """Keep what the client said, once; it is the journal's visit and answers the plan, and “again” makes the next one.

    Returns the danger in it, too.

    The same form sent twice is one report, and both get the same answer. Where staff recorded the visit while the
    client was typing, what the client says stands beside it. Raises Closed.
    """
    found = private_links.known(token)
    if found is None:
        raise Closed
    now, client = timezone.now(), found.follow_through.referral.client
    reading = meaning.read_own(line)
    with clinic_scope.only(found.clinic_id), act("referrals.own_report", by=None, client=client) as entry:
        # The referrals first, as everywhere: whoever plans or closes one meanwhile takes turns with this.
        referring.take_turns(client)
        link = PrivateLink.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
        if sent_as and (before := OwnReport.objects.filter(link=link, sent_as=sent_as).first()):
            entry.nothing_changed()
            return before, _danger(before.line)
        if not private_links.takes_an_answer(link, now) or private_links.is_over(link.follow_through):
            raise Closed
        report = OwnReport.objects.create(
            link=link,
            attended=attended,
            how_it_was=how_it_was if attended else None,
            line=line.strip(),
            craving=craving,
            again=again,
            language=language,
            sent_as=sent_as,
            said_at=now,
        )
        if link.revoked_at is None:  # else it stays as what answered its plan has left it
            link.used_at = now
            link.save(update_fields=["used_at"])
        visit = referring.keep_own_report(report=report)
        if reading.danger is not None:
            tell_of_danger(link=link, said=reading)
        plan = own_plans.plan_next(report=report)
        entry.about(report, attended=attended, visit=visit.pk, plan=plan and plan.pk, danger=str(reading.danger or ""))
    return report, reading.danger


def tell_of_danger(*, link: PrivateLink, said: meaning.Reading) -> None:
    """Tell the care team, as of a reply about danger, whatever becomes of the link and of the rest of the form.

    The page shows 911 and 988 at once, so no text follows. The same words (letter case, blanks and unseen letters
    aside) are told once, until somebody has recorded what was done; said again after that, they are told again. So
    many others may stand open at once (`MOST_TOLD`): the first is never lost, and who has the link fills no list. The
    link says whose words they are: whoever shares the phone has nothing of them in their record.
    """
    client, now = link.follow_through.referral.client, timezone.now()
    of_link, key = cries.of_link(link.pk), cries.key(link.pk, said.words)
    with clinic_scope.only(link.clinic_id):
        told = list(
            CrisisReply.objects.filter(client=client, source_key__startswith=of_link).values_list(
                "source_key", "resolved_at"
            )
        )
        before = [resolved_at for source_key, resolved_at in told if source_key.startswith(key)]
        if None in before or sum(resolved_at is None for _, resolved_at in told) >= MOST_TOLD:
            return
        sent = DeliveryAttempt.objects.filter(
            reminder__client=client,
            reminder__kind="client_meeting_followup",
            reminder__context__follow_through_id=link.follow_through_id,
        )
        crisis.record(
            clinic=client.clinic,
            contact_value=sent.order_by("started_at").values_list("contact_value", flat=True).last() or BY_PAGE,
            reading=replace(said, words=outside.text(said.words)),
            at=now,
            source_key=f"{key}-{len(before)}",
            only=client,
            answered_at=now,
        )


def turn_off(*, referral: Referral, by: StaffMember) -> None:
    """Turn off the private link that waits for an answer: its page is then closed. Raises NothingToTurnOff."""
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    with act("referrals.turn_off_link", by=by, client=referral.client) as entry:
        standing = PrivateLink.objects.standing().filter(follow_through__referral=referral)
        links = list(standing.select_for_update(of=("self",), no_key=True))
        if not links:
            raise NothingToTurnOff
        private_links.turn_off_all({link.follow_through_id for link in links}, by=by)
        entry.about(links[-1])


def send_again(*, referral: Referral, by: StaffMember) -> PrivateLink:
    """Send the client a new link for the last plan, in place of the one before.

    Raises NothingToAsk, NotPermitted, and NoWayThere if no text or email can carry it.
    """
    demand(by, Permission.REFERRAL_MAKE, referral.client)
    with act("referrals.send_link_again", by=by, client=referral.client) as entry:
        referring.take_turns(referral.client)
        plan = FollowThrough.objects.filter(referral=referral).promises().order_by("-pk").first()
        now = timezone.now()
        if (
            plan is None
            or plan.planned_for is None
            or plan.planned_for > now
            or plan.is_answered
            or private_links.is_over(plan)
        ):
            raise NothingToAsk
        if why_none := private_links.why_none(contacts.ways(referral.client, now)):
            raise NoWayThere(f"No private link can go out. {why_none}")
        private_links.turn_off_all([plan.pk], by=by)
        link = private_links.make(plan, from_day=now)
        followups.ask_again(link, by=by)
        entry.about(link)
    return link


def _danger(line: str) -> Danger | None:
    return meaning.read_own(line).danger
