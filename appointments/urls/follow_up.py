"""URLs of what follows a no-show or a discharge."""

from django.urls import URLPattern, path

from appointments.views import follow_up, follow_up_list, no_show

urlpatterns: list[URLPattern] = [
    path("follow-up/", follow_up_list.follow_ups, name="follow_ups"),
    path("clients/<int:client_id>/follow-up/", follow_up.follow_up, name="follow_up"),
    path("clients/<int:client_id>/follow-up/pace/", follow_up.choose_pace, name="follow_up_pace"),
    path("clients/<int:client_id>/follow-up/calls/<int:call_id>/", follow_up.call, name="follow_up_call"),
    path("clients/<int:client_id>/appointments/<int:appointment_id>/no-show/", no_show.no_show, name="no_show"),
    path(
        "inquiries/<int:inquiry_id>/appointments/<int:appointment_id>/no-show/",
        no_show.no_show,
        name="inquiry_no_show",
    ),
]
