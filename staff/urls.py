"""Addresses of staff/: sessions, changes of accounts, signing with a passkey, and the style guide of the demo."""

from django.urls import path

from staff.views import account_changes
from staff.views.passkeys import passkey_challenge
from staff.views.roles import roles
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
    path("roles/", roles, name="roles"),
    path("sessions/", sessions, name="sessions"),
    path("sessions/end/", session_end, name="session_end"),
    path("staff/changes/", account_changes.changes, name="changes"),
    path("staff/changes/<int:change_id>/", account_changes.change, name="change"),
    path("staff/changes/<int:change_id>/decline/", account_changes.decline, name="change_decline"),
    path("staff/invite/", account_changes.invite, name="invite"),
    path("staff/colleagues/<int:colleague_id>/role/", account_changes.role, name="ask_role"),
    path("staff/colleagues/<int:colleague_id>/supervision/", account_changes.supervision, name="ask_supervision"),
    path("staff/colleagues/<int:colleague_id>/email/", account_changes.email, name="ask_email"),
    path("staff/colleagues/<int:colleague_id>/second-step/", account_changes.second_step, name="ask_second_step"),
    path("staff/colleagues/<int:colleague_id>/return/", account_changes.turn_on, name="ask_return"),
    path("staff/colleagues/<int:colleague_id>/leave/", account_changes.leave, name="leave"),
    path("staff/sessions/", colleagues_sessions, name="colleagues_sessions"),
    path("staff/sessions/end/", colleagues_session_end, name="colleagues_session_end"),
    path("passkey-challenge/", passkey_challenge, name="passkey_challenge"),
    path("styleguide/", styleguide, name="styleguide"),
    path("styleguide/<slug:sample>/", styleguide, name="styleguide_sample"),
]
