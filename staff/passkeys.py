"""Signing with a passkey: a one-time challenge for this form and this session only.

The ceremony is the sign-in library's (allauth.mfa.webauthn over fido2). Its own forms require less than a signature
needs: a touch without a fingerprint or PIN may be enough there, and a challenge does not say what it is for.
"""

from __future__ import annotations

import datetime
import hashlib
import json

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from fido2.webauthn import UserVerificationRequirement

from staff import outside
from staff.models import StaffMember

CHALLENGE = "passkey_challenge"  # in the session: one at a time
LASTS = datetime.timedelta(minutes=5)
NOT_WHAT_IS_SIGNED = frozenset({"csrfmiddlewaretoken", "password", "credential", "passkey_for"})


def has_passkey(person: StaffMember) -> bool:
    """Whether the person has registered a key."""
    return Authenticator.objects.filter(user=person.pk, type=Authenticator.Type.WEBAUTHN).exists()


def begin(request: HttpRequest, *, path: str, said: QueryDict) -> dict[str, object]:
    """A challenge for the form that will be sent to `path` with the fields in `said`; it replaces an earlier one.

    The passkey must verify its holder, by fingerprint, face or PIN.
    """
    options, state = auth.get_server().authenticate_begin(
        credentials=auth.get_credentials(request.user), user_verification=UserVerificationRequirement.REQUIRED
    )
    request.session[CHALLENGE] = {
        "state": state,
        "subject": _subject(path, said),
        "until": (timezone.now() + LASTS).isoformat(),
    }
    return dict(options)


def accepted(request: HttpRequest, answer: str) -> bool:
    """Whether one of the person's keys answered the challenge made for this very form. The challenge is used up."""
    challenge = request.session.pop(CHALLENGE, None)
    if not challenge or timezone.now() > datetime.datetime.fromisoformat(challenge["until"]):
        return False
    if challenge["subject"] != _subject(request.path, request.POST):
        return False
    try:
        response = outside.from_json(answer)
        auth.parse_authentication_response(response)
        binding = auth.get_server().authenticate_complete(
            challenge["state"], auth.get_credentials(request.user), response
        )
        key = auth.get_authenticator_by_credential_id(request.user, binding.credential_id)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError):
        return False  # whatever was sent, it is no answer to this challenge by a key of this person
    if key is None:
        return False
    key.record_usage()
    return True


def _subject(path: str, said: QueryDict) -> str:
    """What is signed: the form's target and everything in it, as one hash."""
    fields = sorted(
        (name, value.replace("\r\n", "\n"))
        for name in said
        if name not in NOT_WHAT_IS_SIGNED
        for value in said.getlist(name)
    )
    return hashlib.sha256(json.dumps([path, fields]).encode()).hexdigest()
