"""URLs of the calendar, of booking, and of a client's appointments."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
