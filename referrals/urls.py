"""Addresses of referrals/. Every page about a client carries client_id, so that the access log sees it."""

from django.urls import URLPattern

app_name = "referrals"
urlpatterns: list[URLPattern] = []
