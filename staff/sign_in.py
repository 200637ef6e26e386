"""How staff sign in: the library's pages, without sign-up."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from axes.utils import reset
from django.http import HttpRequest

from staff import client_address
from staff.refusals import Refusal

log = logging.getLogger("onward.sign_in")


class NoMail(Refusal):
    """The mail server does not take the message."""

    sentence = "The mail server isn’t answering. Nothing was sent. Try again in a few minutes."


class AccountAdapter(DefaultAccountAdapter):
    """Administrators create accounts; no one creates their own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There is no username: users sign in with their email address."""

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Leave wrong passwords to axes, which counts them in the database and answers alike wherever one signs in.

        The library's own count stays on for codes of the second factor, which axes does not see.
        """

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's own address, behind whatever proxies: the library's limits count by it."""
        return client_address.of(request)

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether the password is right; then the session goes on under a new key, as after signing in."""
        is_right: bool = super().reauthenticate(user, password)
        if is_right:
            context.request.session.cycle_key()
        return is_right

    def set_password(self, user: Any, password: str) -> None:
        """Set it. Whoever could read mail to the account's address is let in again, if wrong passwords locked it."""
        super().set_password(user, password)
        reset(username=user.email.lower())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it, or raise NoMail: the pages show its sentence in place of an error page."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.warning("A message about an account was not sent (%s)", type(error).__name__)
            raise NoMail from error

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Tell someone that their account was changed. It was, whether or not the mail server answers."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except NoMail:
            return


def tried_address(request: HttpRequest, credentials: dict[str, object] | None = None) -> str | None:
    """The address of a sign-in attempt, in lowercase: axes counts failures by it.

    The pages pass it as `email`, Django's own functions as `username`, axes after a success as `login`.
    """
    found = credentials or request.POST
    for key in ("login", "email", "username"):
        if found.get(key):
            return str(found[key]).strip().lower()
    return None
