"""Addresses of staff/: keeping a session alive, signing with a passkey, and the style guide of the demo."""

from django.urls import path

from staff.views.passkeys import passkey_challenge
from staff.views.session import stay
from staff.views.styleguide import styleguide

app_name = "staff"
urlpatterns = [
    path("stay/", stay, name="stay"),
    path("passkey-challenge/", passkey_challenge, name="passkey_challenge"),
    path("styleguide/", styleguide, name="styleguide"),
    path("styleguide/<slug:sample>/", styleguide, name="styleguide_sample"),
]
