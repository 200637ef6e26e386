"""Patterns over all returns to use."""

from django.urls import path

from cases.views import patterns

urlpatterns = [
    path("clients/<int:client_id>/relapses/patterns/", patterns.pattern, name="patterns"),
    path("clients/<int:client_id>/relapses/patterns/sheet/", patterns.pattern_sheet, name="pattern_sheet"),
]
