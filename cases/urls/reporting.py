"""URLs of admission and discharge data and the state report."""

from django.urls import path

from cases.views import data_sets

urlpatterns = [
    path(
        "clients/<int:client_id>/episodes/<int:episode_id>/data-set/<slug:point>/", data_sets.data_set, name="data_set"
    ),
    path("reports/teds/", data_sets.state_report, name="state_report"),
]
