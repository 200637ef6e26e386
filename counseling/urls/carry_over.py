"""The carry-over board, and the return-to-use review."""

from django.urls import path

from counseling.views.carry_over import board

urlpatterns = [
    path("clients/<int:client_id>/carry-over/", board.carry_over_latest, name="carry_over_latest"),
    path("clients/<int:client_id>/carry-over/comparison/", board.comparison, name="comparison"),
    path("clients/<int:client_id>/carry-over/growth/", board.growth, name="growth"),
    path("clients/<int:client_id>/carry-over/<int:episode_id>/", board.board, name="carry_over"),
    path("clients/<int:client_id>/carry-over/<int:episode_id>/decide/", board.decide, name="carry_over_decide"),
]
