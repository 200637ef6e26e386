"""What an administrator does for a colleague who cannot sign in."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.http import HttpRequest

from staff.access import Permission, demand
from staff.acts import act
from staff.models import StaffMember


def remove_second_factor(*, staff_member: StaffMember, by: StaffMember) -> int:
    """Remove a colleague's authenticators and recovery codes after they lost theirs; returns how many there were.

    Raises NotPermitted for anyone but an administrator of the same clinic. If the installation requires a second
    factor, the colleague sets up a new one at the next sign-in. First make sure who is asking: this is what a thief
    would ask for.
    """
    demand(by, Permission.STAFF_MANAGE, staff_member)
    with act("staff.remove_second_factor", by=by) as entry:
        removed: int
        removed, _ = Authenticator.objects.filter(user_id=staff_member.pk).delete()
        entry.about(staff_member, removed=removed)
    return removed


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
