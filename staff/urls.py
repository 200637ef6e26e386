"""Addresses of staff/: a person's own account page and the health check."""

from django.urls import URLPattern

app_name = "staff"
urlpatterns: list[URLPattern] = []
