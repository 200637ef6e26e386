"""The sign-in library's pages that staff use, without sign-up and self-service changes of email addresses.

The address is the account: an administrator sets it, so no one can move an account to their own mailbox.
"""

from allauth.account import views
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from staff.views.unlocking import ResetPassword, unlock, unlock_key


def no_sign_up(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Not found. The URL has a name only because the library puts it into emails, whose texts leave it out."""
    raise Http404


urlpatterns = [
    path("signup/", no_sign_up, name="account_signup"),
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/reset/", ResetPassword.as_view(), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("unlock/", unlock, name="account_unlock"),
    path("unlock/<str:key>/", unlock_key, name="account_unlock_key"),
    path("2fa/", include("allauth.mfa.urls")),
]
