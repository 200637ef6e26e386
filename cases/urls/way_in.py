"""The way in: inquiries, finding and registering people, admission, episodes, merging."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
