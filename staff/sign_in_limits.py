"""Slow limits on wrong passwords, beside the library's quick one (five in 15 minutes for an account at an address).

Of one account, from all addresses together, and of one address, over all accounts: without them a thousand addresses
have half a million tries a day at one account. A stranger can't lock the owner out with them: an address from which
this account was signed in to lately counts for itself, and the link by email (staff/accounts.py) opens the account.
"""

from __future__ import annotations

import datetime
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessFailureLog, AccessLog
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest

from staff.accounts import UNLOCKED
from staff.models import AuditEntry

A_DAY = datetime.timedelta(days=1)
AN_HOUR = datetime.timedelta(hours=1)
KNOWN_FOR = datetime.timedelta(days=90)  # since the last sign-in to this account from the address


class Handler(AxesDatabaseHandler):
    """The library's own, which keeps each wrong password (AXES_ENABLE_ACCESS_FAILURE_LOG), with the slow limits.

    What is refused is not counted, so whoever goes on doesn't keep an account closed.
    """

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Whether no password is looked at now."""
        return super().is_locked(request, credentials) or _is_too_much(request, credentials)

    def reset_attempts(self, *, ip_address: str | None = None, username: str | None = None, **how: Any) -> int:
        """Forget wrong passwords; returns how many, or how many groups of them the library had counted together."""
        attempts: int = super().reset_attempts(ip_address=ip_address, username=username, **how)
        if not username or ip_address:
            return attempts
        return max(attempts, AccessFailureLog.objects.filter(username=username).delete()[0])

    def reset_user_attempts(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """After signing in, forget those of the account at this address."""
        username = get_client_username(request, credentials)
        AccessFailureLog.objects.filter(username=username, ip_address=request.axes_ip_address).delete()
        return int(super().reset_user_attempts(request, credentials))

    def clean_expired_user_attempts(self, request: Any = None, credentials: dict[str, Any] | None = None) -> int:
        """Delete what no limit counts any more, of this account and this address."""
        if request is not None:
            these = Q(username=get_client_username(request, credentials)) | Q(ip_address=request.axes_ip_address)
            AccessFailureLog.objects.filter(these, attempt_time__lte=request.axes_attempt_time - A_DAY).delete()
        return int(super().clean_expired_user_attempts(request, credentials))


def _is_too_much(request: Any, credentials: dict[str, Any] | None) -> bool:
    username, address, now = get_client_username(request, credentials), request.axes_ip_address, _now(request)
    if not username:
        return False
    of_account = AccessFailureLog.objects.filter(username=username, attempt_time__gt=now - A_DAY)
    from_address = AccessFailureLog.objects.filter(ip_address=address, attempt_time__gt=now - AN_HOUR)
    account_is_over = of_account.count() >= settings.SIGN_IN_FAILURES_OF_ACCOUNT_A_DAY
    address_is_over = from_address.count() >= settings.SIGN_IN_FAILURES_FROM_ADDRESS_AN_HOUR
    if not account_is_over and not address_is_over:
        return False
    if _is_known(username, address, now):
        return of_account.filter(ip_address=address).count() >= settings.SIGN_IN_FAILURES_OF_ACCOUNT_A_DAY
    return account_is_over or not _was_let_in(username, now)


def _is_known(username: str, address: str, now: datetime.datetime) -> bool:
    """Whether someone signed in to this account from this address lately."""
    lately = AccessLog.objects.filter(ip_address=address, attempt_time__gt=now - KNOWN_FOR)
    return lately.filter(username__iexact=username).exists()


def _was_let_in(username: str, now: datetime.datetime) -> bool:
    """Whether the account's owner used a link within the hour: others' wrong passwords at an address don't count."""
    used = AuditEntry.objects.filter(act=UNLOCKED, at__gt=now - AN_HOUR)
    return used.filter(staff_member__email__iexact=username).exists()


def _now(request: HttpRequest) -> datetime.datetime:
    now: datetime.datetime = request.axes_attempt_time  # type: ignore[attr-defined]  # set by the library
    return now
