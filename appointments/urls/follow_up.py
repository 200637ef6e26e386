"""URLs of what follows a no-show or a discharge."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
