"""Addresses of desk/. Every page about a client carries client_id, so that the access log sees it."""

from django.urls import URLPattern

app_name = "desk"
urlpatterns: list[URLPattern] = []
