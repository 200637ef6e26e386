"""Data sets of admissions and discharges, and the file for the state."""

from django.urls import path

from cases.views import teds

urlpatterns = [
    path("clients/<int:client_id>/episodes/<int:episode_id>/data-set/<slug:point>/", teds.data_set, name="data_set"),
    path("reports/teds/", teds.state_report, name="state_report"),
]
