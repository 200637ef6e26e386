"""Private links: addresses by which a client says how a planned meeting was, on any phone, without an account.

Each works once, for some days, for one plan, until somebody turns it off. Whoever opens one sees nothing of the person,
the clinic or the meeting; a used, old or turned-off link looks like one that never was. Docs: docs/private-links.md.
"""

from __future__ import annotations

import base64
import datetime
import hmac
import re
import secrets
from collections.abc import Collection, Iterable, Sequence

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from reminders import pages
from reminders.contacts import WayThere
from reminders.languages import Language
from reminders.models import Reminder
from staff.models import StaffMember
from staff.refusals import Refusal

from . import asked_about
from .models import FollowThrough, OwnReport, PrivateLink, Referral
from .thresholds import PRIVATE_LINK_DAYS

LENGTH = 26  # letters: 130 bits
WHILE_TYPING = datetime.timedelta(hours=1)
_TOKEN = re.compile(rf"[a-z2-7]{{{LENGTH}}}")
_IN_A_PATH = re.compile(rf"/+{pages.PATH}/+({_TOKEN.pattern})")
LONGEST_PATH = 500


class Closed(Refusal):
    """Used, turned off, too old, or none of ours: the answer is the same."""

    sentence = "This page is closed."


def make(plan: FollowThrough, *, from_day: datetime.datetime) -> PrivateLink:
    """A new link for a plan, in the transaction of what asks about it; it ends some days after `from_day`."""
    clinic, now = plan.referral.client.clinic, timezone.now()
    seed = secrets.token_hex(16)
    return PrivateLink.objects.create(
        clinic=clinic,
        follow_through=plan,
        seed=seed,
        token_hash=_hash(_token(seed, settings.SECRET_KEY), settings.SECRET_KEY),
        made_at=now,
        expires_at=max(from_day, now) + datetime.timedelta(days=PRIVATE_LINK_DAYS.for_clinic(clinic)),
    )


def leads(reminders: Sequence[Reminder]) -> dict[int, pages.Leads]:
    """Where each reminder leads, by id; nowhere if no link stands (settings.REMINDER_PAGES)."""
    plans = {each.pk: each.context.get("follow_through_id", 0) for each in reminders}
    standing = PrivateLink.objects.open(timezone.now()).filter(follow_through__in=set(plans.values()))
    of_plan = {link.follow_through_id: token_of(link) for link in standing}
    about = asked_about.of_plans(of_plan)
    return {
        pk: pages.Leads(token, {each: about[plan].words(each) for each in Language})
        for pk, plan in plans.items()
        if (token := of_plan.get(plan))
    }


def token_of(link: PrivateLink) -> str:
    """The link's token, made anew; empty if the key it was made with is gone."""
    for secret in _secrets():
        token = _token(link.seed, secret)
        if hmac.compare_digest(_hash(token, secret), link.token_hash):
            return token
    return ""


def open_link(token: str) -> PrivateLink:
    """The link that still opens the page. Changes nothing: scanners of mail open links, too. Raises Closed."""
    link = known(token)
    if link is None or not PrivateLink.objects.open(timezone.now()).filter(pk=link.pk).exists():
        raise Closed
    if is_over(link.follow_through):
        raise Closed
    return link


def takes_an_answer(link: PrivateLink, now: datetime.datetime) -> bool:
    """Whether what is sent by it is kept: it stands, or no person turned it off but an answer that was given elsewhere
    within the past hour, while somebody may have been typing; and no other date was set since.
    """
    if link.expires_at <= now or link.used_at is not None or OwnReport.objects.filter(link=link).exists():
        return False
    if link.revoked_at is None:
        return True
    plan = link.follow_through
    later = FollowThrough.objects.filter(referral=plan.referral_id, planned_for__isnull=False, pk__gt=plan.pk)
    return link.revoked_by_id is None and now < link.revoked_at + WHILE_TYPING and not later.exists()


def turn_off_all(plans: Collection[int], *, by: StaffMember | None) -> list[PrivateLink]:
    """Turn off what stands for these plans, because a person asked or another date was set. Returns all their links."""
    PrivateLink.objects.standing().filter(follow_through__in=plans).update(revoked_at=timezone.now(), revoked_by=by)
    return list(PrivateLink.objects.filter(follow_through__in=plans))


def why_none(ways: Iterable[WayThere]) -> str:
    """Why no private link can go to the client whose ways these are; blank if one can, by a text or email."""
    if not pages.root():
        return "This site has no web address for private pages."
    written = [way for way in ways if way.channel in pages.WRITTEN]
    if not written:
        return "No phone number or email address is on record."
    reasons = dict.fromkeys(way.why_not for way in written)
    return "" if "" in reasons else f"No text or email can be sent now: {'; '.join(reasons)}."


def is_over(plan: FollowThrough) -> bool:
    """Whether the plan's referral was declined or ended, or the client has died: nobody else answers for them."""
    return not Referral.objects.filter(pk=plan.referral_id).open().of_the_living().exists()


def known(token: str) -> PrivateLink | None:
    """The link of a token, in whatever state."""
    if not _TOKEN.fullmatch(token):
        return None
    hashes = [_hash(token, secret) for secret in _secrets()]
    links = PrivateLink.objects.select_related("follow_through__referral__client__clinic")
    return links.filter(token_hash__in=hashes).first()


def known_in(path: str) -> PrivateLink | None:
    """The link in a path that is not quite its address: in capitals, with something before or after it."""
    found = _IN_A_PATH.search(path[:LONGEST_PATH].lower())
    return known(found[1]) if found else None


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _token(seed: str, secret: str) -> str:
    digest = salted_hmac("referrals.private_links.token", seed, secret=secret, algorithm="sha256").digest()
    return base64.b32encode(digest).decode().lower()[:LENGTH]


def _hash(token: str, secret: str) -> str:
    digest: str = salted_hmac("referrals.private_links.hash", token, secret=secret, algorithm="sha256").hexdigest()
    return digest
