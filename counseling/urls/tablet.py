"""Handing over the tablet, and the tablet’s own pages."""

from django.urls import path

from counseling.views.tablet import hand_over, questions

urlpatterns = [
    path("clients/<int:client_id>/notes/measures/hand-over/", hand_over.hand_over, name="hand_over"),
    path(
        "clients/<int:client_id>/notes/measures/hand-over/<int:handover_id>/end/",
        hand_over.hand_over_end,
        name="hand_over_end",
    ),
    path("tablet/", questions.tablet, name="tablet"),
    path("tablet/<int:number>/", questions.question, name="tablet_question"),
    path("tablet/look-over/", questions.look_over, name="tablet_look_over"),
    path("tablet/done/", questions.done, name="tablet_done"),
    path("tablet/still-there/", questions.still_there, name="tablet_still_there"),
    path("tablet/staff/", questions.staff, name="tablet_staff"),
]
