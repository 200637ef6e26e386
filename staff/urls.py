"""Addresses of staff/: sessions, signing with a passkey, and the style guide of the demo."""

from django.urls import path

from staff.views.passkeys import passkey_challenge
from staff.views.session import (
    colleagues_session_end,
    colleagues_sessions,
    session_end,
    sessions,
    stay,
)
from staff.views.styleguide import styleguide

app_name = "staff"
urlpatterns = [
    path("stay/", stay, name="stay"),
    path("sessions/", sessions, name="sessions"),
    path("sessions/end/", session_end, name="session_end"),
    path("staff/sessions/", colleagues_sessions, name="colleagues_sessions"),
    path("staff/sessions/end/", colleagues_session_end, name="colleagues_session_end"),
    path("passkey-challenge/", passkey_challenge, name="passkey_challenge"),
    path("styleguide/", styleguide, name="styleguide"),
    path("styleguide/<slug:sample>/", styleguide, name="styleguide_sample"),
]
