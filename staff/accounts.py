"""What an administrator does for a colleague who cannot sign in, and how the colleague gets in without one."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from axes.utils import reset
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from staff.access import Permission, demand
from staff.acts import act
from staff.models import AuditEntry, Session, StaffMember
from staff.refusals import Refusal

UNLOCK_LASTS = 3600  # seconds that the link to unlock an account works
UNLOCKED = "staff.unlock_by_link"  # the entry that says that a link was used
_UNLOCK = "staff.unlock"  # what the link is signed for, so that no other signed text passes for one


class LinkEnded(Refusal):
    """A link to unlock an account that was used, is too old, was changed, or was for an address it had before."""

    sentence = "This link no longer works. Go to the sign-in page and ask for a new one."


def send_password_link(*, staff_member: StaffMember, by: StaffMember, request: HttpRequest) -> None:
    """Send a colleague a link to set a new password themselves; `request` provides the site's URL."""
    demand(by, Permission.STAFF_MANAGE, staff_member)
    with act("staff.send_password_link", by=by) as entry:
        form = ResetPasswordForm({"email": staff_member.email})
        form.is_valid()
        form.save(request)
        entry.about(staff_member)


def unlock(*, staff_member: StaffMember, by: StaffMember) -> int:
    """Clear a colleague's failed password attempts, so they can sign in at once; returns how many."""
    demand(by, Permission.STAFF_MANAGE, staff_member)
    with act("staff.unlock", by=by) as entry:
        forgotten: int = reset(username=staff_member.email.lower())
        entry.about(staff_member, forgotten=forgotten)
    return forgotten


def send_unlock_link(*, email: str, request: HttpRequest) -> None:
    """Send a link that lets the account's owner in again after too many wrong passwords, whoever tried them.

    Anyone may ask: it goes to the account's own address. If there is no such account, another message goes out, so that
    neither the page nor the time it takes says who works here. Raises NoMail.
    """
    person = StaffMember.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        get_adapter().send_mail("account/email/unknown_account", email, {"request": request})
        return
    key = signing.dumps([person.pk, person.email, _unlocked(person)], salt=_UNLOCK)
    link = request.build_absolute_uri(reverse("account_unlock_key", args=[key]))
    get_adapter().send_mail("account/email/unlock", person.email, {"unlock_url": link})


def who_may_unlock(key: str) -> StaffMember:
    """The person for whom the link was made, if none has been used since. Raises LinkEnded."""
    return _owner(key, StaffMember.objects.all())


def _owner(key: str, people: QuerySet[StaffMember]) -> StaffMember:
    try:
        pk, email, unlocked = signing.loads(key, salt=_UNLOCK, max_age=UNLOCK_LASTS)
    except (signing.BadSignature, ValueError) as error:
        raise LinkEnded from error
    person = people.filter(pk=pk, email=email, is_active=True).first()
    if person is None or _unlocked(person) != unlocked:
        raise LinkEnded
    return person


def _unlocked(person: StaffMember) -> int:
    """How often a link has unlocked the account: a link is made for that number, so that it works once.

    Not the wrong passwords, which go on while someone tries them: they would end the owner's link.
    """
    return AuditEntry.objects.filter(staff_member=person, act=UNLOCKED).count()


def unlock_by_link(*, key: str) -> StaffMember:
    """Clear the failed password attempts of the account that the link is for. Raises LinkEnded."""
    with transaction.atomic():
        person = _owner(key, StaffMember.objects.select_for_update(no_key=True))  # one of two at the same moment
        with act(UNLOCKED, by=person) as entry:
            entry.about(person, forgotten=reset(username=person.email.lower()))
    return person


def end_sessions(*, staff_member: StaffMember, by: StaffMember, only: str | None = None, but: str | None = None) -> int:
    """Sign someone out wherever they are signed in, at once; returns in how many browsers they were.

    `only` is the handle of one session, `but` the key of one that goes on. People end their own; raises NotPermitted
    for anyone else but an administrator of the same clinic.
    """
    if staff_member.pk != by.pk:
        demand(by, Permission.STAFF_MANAGE, staff_member)
    sessions = Session.objects.filter(staff_member=staff_member).exclude(session_key=but or "")
    if only is not None:
        sessions = sessions.filter(handle=only)
    with act("staff.end_sessions", by=by, clinic=staff_member.clinic) as entry:
        ended: int = sessions.delete()[0]
        entry.about(staff_member, ended=ended)
        if not ended:
            entry.nothing_changed()
    return ended
