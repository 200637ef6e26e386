"""Admission, level of care, review and discharge."""

from django.urls import path

from cases.views.episodes import admissions, reviews

urlpatterns = [
    path("clients/<int:client_id>/admit/", admissions.admit, name="admit"),
    path("clients/<int:client_id>/episodes/", admissions.episodes, name="episodes"),
    path("clients/<int:client_id>/episodes/<int:episode_id>/level/", admissions.change_level, name="change_level"),
    path("clients/<int:client_id>/episodes/<int:episode_id>/discharge/", admissions.discharge, name="discharge"),
    path(
        "clients/<int:client_id>/episodes/<int:episode_id>/leaving/", admissions.expect_leaving, name="expect_leaving"
    ),
    path("clients/<int:client_id>/episodes/<int:episode_id>/review/", reviews.review_stay, name="review_stay"),
    path("clients/<int:client_id>/episodes/<int:episode_id>/undo/", admissions.undo_discharge, name="undo_discharge"),
]
