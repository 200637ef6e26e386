"""Who may do what at the clinic changes only when two people want it: one asks, another approves.

Otherwise one administrator could make any colleague's account their own: move its address, remove its second step, and
sign in as them. The person concerned is told at their address of before, and is signed out everywhere. Turning an
account off needs no second person: it must be possible at once.

Where no one else at the clinic may approve, whoever runs the server does: `manage.py approve_account_change`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from smtplib import SMTPException

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from staff import leaving
from staff.access import Permission, can, demand, roles_with
from staff.acts import act
from staff.models import AccountChange, Role, Session, StaffMember
from staff.refusals import NotPermitted, Refusal
from staff.sign_in import NoMail

log = logging.getLogger("onward.accounts")
Kind = AccountChange.Kind


class AddressTaken(Refusal):
    """Another account has this address."""

    sentence = "This email address is already in use."


class NothingToChange(Refusal):
    """It is so already."""

    sentence = "Nothing would change."


class AlreadyAsked(Refusal):
    """The same change waits for a second person."""

    sentence = "This change already waits for a second person. Withdraw it first if it is wrong."


class WhyChanged(Refusal):
    """Whoever approves has to know why."""

    sentence = "Enter why, for the person who approves it: who asked, and how you know it was them."


class OwnRole(Refusal):
    """People do not ask for another role for themselves."""

    sentence = "You can’t ask for another role for yourself. Another administrator can."


class CantSupervise(Refusal):
    """Their role doesn't cosign, they are gone, or it is the person themselves: a supervisor reads drafts."""

    sentence = "Choose an active colleague whose role may cosign notes."


class OwnSupervision(Refusal):
    """Nobody asks for their own supervisor or credential."""

    sentence = "You can’t ask for another supervisor or credential for yourself. Another administrator can."


class OwnDeparture(Refusal):
    """Somebody else sees what is still open."""

    sentence = "You can’t end your own work here. Another administrator can."


class CantTakeOver(Refusal):
    """An active colleague."""

    sentence = "Choose an active colleague who takes over."


class NeedsAnother(Refusal):
    """Approved by someone who did not ask for it, and whose account it is not."""

    sentence = "A second person has to approve this: not whoever asked for it, and not the person whose account it is."


class AskerIsGone(Refusal):
    """Whoever asked may no longer ask for it: their account is off, or they have another role."""

    sentence = "Whoever asked for this may no longer do so. Decline it, and have someone else ask for it."


class AlreadyDecided(Refusal):
    """It was approved, declined or withdrawn."""

    sentence = "This was already decided."


class SomeoneElseCould(Refusal):
    """The server is for clinics in which no one else could approve."""

    sentence = "Someone else at the clinic can approve this. Ask them."


def invite(
    *,
    email: str,
    given_name: str,
    family_name: str,
    role: Role,
    credential: str,
    supervisor: StaffMember | None,
    reason: str,
    by: StaffMember,
) -> AccountChange:
    """Ask for an account for a new colleague. Once approved, they get a link to choose their password themselves.

    Raises NotPermitted, AddressTaken, CantSupervise, WhyChanged.
    """
    demand(by, Permission.STAFF_MANAGE)
    if supervisor is not None and supervisor.clinic_id != by.clinic_id:
        raise NotPermitted
    _check_supervises(supervisor)
    _check_free(email)
    return _ask(
        AccountChange(
            kind=Kind.INVITATION,
            email=email,
            given_name=given_name,
            family_name=family_name,
            role=role,
            administers=role == Role.ADMINISTRATOR,
            credential=credential,
            supervisor=supervisor,
            reason=reason,
        ),
        by,
    )


def ask_for_role(
    *, staff_member: StaffMember, role: Role, administers: bool, reason: str, by: StaffMember
) -> AccountChange:
    """Ask for another role for a colleague. Raises NotPermitted, OwnRole, NothingToChange, AlreadyAsked, WhyChanged."""
    demand(by, Permission.STAFF_MANAGE, staff_member)
    if staff_member.pk == by.pk:
        raise OwnRole
    if (staff_member.role, staff_member.is_staff) == (role, administers):
        raise NothingToChange
    change = AccountChange(kind=Kind.ROLE, staff_member=staff_member, role=role, administers=administers, reason=reason)
    change.was = staff_member.get_role_display()
    return _ask(change, by)


def ask_for_supervision(
    *, staff_member: StaffMember, supervisor: StaffMember | None, credential: str, reason: str, by: StaffMember
) -> AccountChange:
    """Ask for another supervisor or credential. A supervisor reads drafts; a credential stands under signatures.

    Raises as `ask_for_role`, and CantSupervise, OwnSupervision.
    """
    demand(by, Permission.STAFF_MANAGE, staff_member)
    if supervisor is not None:
        demand(by, Permission.STAFF_MANAGE, supervisor)
    if staff_member.pk == by.pk:
        raise OwnSupervision
    credential = credential.strip()
    if (staff_member.supervisor_id, staff_member.credential) == (supervisor.pk if supervisor else None, credential):
        raise NothingToChange
    if supervisor is not None and supervisor.pk != staff_member.supervisor_id:
        _check_supervises(supervisor, of=staff_member)
    change = AccountChange(
        kind=Kind.SUPERVISION, staff_member=staff_member, supervisor=supervisor, credential=credential, reason=reason
    )
    change.was = AccountChange.supervision(staff_member.credential, staff_member.supervisor)
    return _ask(change, by)


def ask_for_email(*, staff_member: StaffMember, email: str, reason: str, by: StaffMember) -> AccountChange:
    """Ask for another address to sign in with. Raises as `ask_for_role`, and AddressTaken."""
    demand(by, Permission.STAFF_MANAGE, staff_member)
    if staff_member.email == email:
        raise NothingToChange
    _check_free(email, but=staff_member)
    change = AccountChange(kind=Kind.EMAIL, staff_member=staff_member, email=email, reason=reason)
    change.was = staff_member.email
    return _ask(change, by)


def ask_to_remove_second_step(*, staff_member: StaffMember, reason: str, by: StaffMember) -> AccountChange:
    """Ask to remove someone's authenticators and recovery codes after they lost theirs. Raises as `ask_for_role`.

    If the installation requires a second step, they set up a new one at the next sign-in.
    """
    demand(by, Permission.STAFF_MANAGE, staff_member)
    if not Authenticator.objects.filter(user_id=staff_member.pk).exists():
        raise NothingToChange("They have no two-step sign-in.")
    return _ask(AccountChange(kind=Kind.SECOND_STEP, staff_member=staff_member, reason=reason), by)


def ask_for_return(*, staff_member: StaffMember, reason: str, by: StaffMember) -> AccountChange:
    """Ask to turn an account on again. Raises as `ask_for_role`."""
    demand(by, Permission.STAFF_MANAGE, staff_member)
    if staff_member.is_active:
        raise NothingToChange("This account is on.")
    return _ask(AccountChange(kind=Kind.RETURN, staff_member=staff_member, reason=reason), by)


def ask_for_departure(
    *, staff_member: StaffMember, takes_over: StaffMember, reason: str, by: StaffMember
) -> AccountChange:
    """Ask to end someone's work here: their work goes to a colleague, and the account is off (`staff.leaving`).

    Also of an account that is off already: what it left open is handed over. Raises as `ask_for_role`, and
    CantTakeOver, OwnDeparture.
    """
    demand(by, Permission.STAFF_MANAGE, staff_member)
    demand(by, Permission.STAFF_MANAGE, takes_over)
    if staff_member.pk == by.pk:
        raise OwnDeparture
    if takes_over.pk == staff_member.pk or not takes_over.is_active:
        raise CantTakeOver
    return _ask(AccountChange(kind=Kind.DEPARTURE, staff_member=staff_member, takes_over=takes_over, reason=reason), by)


def may_approve(staff_member: StaffMember, change: AccountChange) -> bool:
    """Whether this person is the second one."""
    return can(staff_member, Permission.STAFF_APPROVE, change) and staff_member.pk not in (
        change.requested_by_id,
        change.staff_member_id,
    )


def approve(*, change: AccountChange, by: StaffMember, request: HttpRequest) -> None:
    """Let it take effect. Raises NotPermitted, NeedsAnother, AlreadyDecided, AskerIsGone, AddressTaken.

    `request` provides the site's URL for the link that an invited colleague gets.
    """
    demand(by, Permission.STAFF_APPROVE, change)
    if not may_approve(by, change):
        raise NeedsAnother
    with act("staff.approve_account_change", by=by) as entry:
        change = _locked(change)
        told = _carry_out(change, by)
        change.decided_by = by
        _decide(change, AccountChange.Outcome.APPROVED)
        entry.about(change, kind=change.kind, staff_member=change.staff_member_id, requested_by=change.requested_by_id)
    _tell(change, told, "approved")
    if change.kind == Kind.INVITATION:
        _send_first_link(change, request)


def approve_on_server(*, change: AccountChange) -> None:
    """Let it take effect, by whoever runs the server, where no one at the clinic could. Raises SomeoneElseCould."""
    if who_may_approve(change):
        raise SomeoneElseCould
    with act("staff.approve_account_change", by=None, clinic=change.clinic) as entry:
        change = _locked(change)
        told = _carry_out(change, None)
        change.on_server = True
        _decide(change, AccountChange.Outcome.APPROVED)
        entry.about(change, kind=change.kind, staff_member=change.staff_member_id, on_server=True)
    _tell(change, told, "approved")


def decline(*, change: AccountChange, by: StaffMember) -> None:
    """Refuse it; whoever asked may withdraw it. Raises NotPermitted, AlreadyDecided."""
    is_own = change.requested_by_id == by.pk
    demand(by, Permission.STAFF_MANAGE if is_own else Permission.STAFF_APPROVE, change)
    outcome = AccountChange.Outcome.WITHDRAWN if is_own else AccountChange.Outcome.DECLINED
    with act("staff.decline_account_change", by=by) as entry:
        change = _locked(change)
        change.decided_by = by
        _decide(change, outcome)
        entry.about(change, kind=change.kind, outcome=outcome)


def who_may_approve(change: AccountChange) -> list[StaffMember]:
    """Everyone at the clinic who could be the second person."""
    people = StaffMember.objects.filter(
        clinic=change.clinic_id, role__in=roles_with(Permission.STAFF_APPROVE), is_active=True
    )
    return list(people.exclude(pk__in=[key for key in (change.requested_by_id, change.staff_member_id) if key]))


def _check_supervises(supervisor: StaffMember | None, of: StaffMember | None = None) -> None:
    if supervisor is not None and (supervisor == of or not can(supervisor, Permission.NOTE_COSIGN)):
        raise CantSupervise


def needs_two_to_turn_off(staff_member: StaffMember) -> bool:
    """Whether nobody turns this account off alone: too few could approve then, or no privacy officer is left.

    Otherwise one administrator could be the only one who is left to see what they do.
    """
    if not can(staff_member, Permission.STAFF_APPROVE):
        return False
    active = StaffMember.objects.filter(clinic=staff_member.clinic_id, is_active=True).exclude(pk=staff_member.pk)
    if active.filter(role__in=roles_with(Permission.STAFF_APPROVE)).count() < 2:
        return True
    return staff_member.role == Role.PRIVACY_OFFICER and not active.filter(role=Role.PRIVACY_OFFICER).exists()


def tell_of_turning_off(*, staff_member: StaffMember, by: StaffMember) -> None:
    """Tell the person whose account was turned off, and everyone who could have approved it."""
    officers = StaffMember.objects.filter(
        clinic=staff_member.clinic_id, role__in=roles_with(Permission.STAFF_APPROVE), is_active=True
    ).exclude(pk__in=(by.pk, staff_member.pk))
    context = {"person": staff_member, "by": by}
    for address in [staff_member.email, *officers.values_list("email", flat=True)]:
        own = {**context, "is_own": address == staff_member.email}
        body = render_to_string("account/email/turned_off_message.txt", own)
        _send(render_to_string("account/email/turned_off_subject.txt", own).strip(), body, address)


def _check_free(email: str, but: StaffMember | None = None) -> None:
    if StaffMember.objects.filter(email__iexact=email).exclude(pk=but.pk if but else None).exists():
        raise AddressTaken


def _ask(change: AccountChange, by: StaffMember) -> AccountChange:
    change.reason = " ".join(change.reason.split())
    if len(change.reason) < 10:
        raise WhyChanged
    change.clinic, change.requested_by, change.requested_at = by.clinic, by, timezone.now()
    with act("staff.ask_for_account_change", by=by) as entry:
        try:
            with transaction.atomic():
                change.save()
        except IntegrityError as error:
            raise AlreadyAsked from error
        entry.about(change, kind=change.kind, staff_member=change.staff_member_id)
    _tell(change, {person.email for person in who_may_approve(change)}, "waits")
    if change.staff_member is not None:
        _tell(change, [change.staff_member.email], "asked")
    return change


def _locked(change: AccountChange) -> AccountChange:
    rows = AccountChange.objects.select_for_update(no_key=True, of=("self",))
    people = ("staff_member__clinic", "requested_by", "takes_over__clinic", "clinic")
    found: AccountChange = rows.select_related(*people).get(pk=change.pk)
    if found.outcome:
        raise AlreadyDecided
    return found


def _decide(change: AccountChange, outcome: AccountChange.Outcome) -> None:
    change.outcome, change.decided_at = outcome, timezone.now()
    change.save()


def _carry_out(change: AccountChange, by: StaffMember | None) -> set[str]:
    """Do what was asked for, if whoever asked still may; returns the addresses at which the person is told."""
    if not can(change.requested_by, Permission.STAFF_MANAGE):
        raise AskerIsGone
    if change.kind == Kind.INVITATION:
        _check_free(change.email)
        _check_supervises(change.supervisor)
        change.staff_member = StaffMember.objects.create_user(
            change.email,
            clinic=change.clinic,
            given_name=change.given_name,
            family_name=change.family_name,
            role=change.role,
            is_staff=change.administers,
            credential=change.credential,
            supervisor=change.supervisor,
        )
        return set()
    person = change.staff_member
    assert person is not None
    told = {person.email}
    if change.kind == Kind.ROLE:
        person.role, person.is_staff = change.role, change.administers
    elif change.kind == Kind.SUPERVISION:
        if change.supervisor_id != person.supervisor_id:
            _check_supervises(change.supervisor, of=person)
        person.supervisor, person.credential = change.supervisor, change.credential
    elif change.kind == Kind.EMAIL:
        _check_free(change.email, but=person)
        reset(username=person.email.lower())
        # the library remembers addresses, too, and would let the old one in
        EmailAddress.objects.filter(user_id=person.pk).delete()
        person.email = change.email
        told.add(change.email)
    elif change.kind == Kind.SECOND_STEP:
        Authenticator.objects.filter(user_id=person.pk).delete()
    elif change.kind == Kind.RETURN:
        person.is_active = True
    elif change.kind == Kind.DEPARTURE:
        assert change.takes_over is not None
        if not change.takes_over.is_active:
            raise CantTakeOver
        leaving.hand_over(staff_member=person, to=change.takes_over, by=by)
    person.save()
    Session.objects.filter(staff_member=person).delete()
    return told


def _tell(change: AccountChange, addresses: Iterable[str], what: str) -> None:
    """Send a message to each. What was done stays done if the mail server does not answer."""
    context = {"change": change, "what": what}
    body = render_to_string("account/email/account_change_message.txt", context)
    subject = render_to_string("account/email/account_change_subject.txt", context).strip()
    for address in sorted(addresses):
        _send(subject, body, address)


def _send(subject: str, body: str, address: str) -> None:
    try:
        send_mail(subject, body, None, [address])
    except (OSError, SMTPException) as error:
        log.warning("A message about an account was not sent (%s)", type(error).__name__)


def _send_first_link(change: AccountChange, request: HttpRequest) -> None:
    form = ResetPasswordForm({"email": change.email})
    form.is_valid()
    try:
        form.save(request)
    except NoMail:
        log.warning("An invitation was not sent: send the link from the staff list")
