"""What an authenticator app shows at this moment."""

from __future__ import annotations

import time

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value


def code_of(secret: str, *, steps_ago: int = 0) -> str:
    """The digits for this secret in the present time step, or so many steps before it."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD - steps_ago))
