"""Returns to use, triggers, strategies and warning signs, placement assessments."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
