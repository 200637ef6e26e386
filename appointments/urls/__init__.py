"""URLs of appointments/: the calendar and a client's appointments, and what follows a no-show or a discharge."""

from appointments.urls import calendar, follow_up

app_name = "appointments"
urlpatterns = [*calendar.urlpatterns, *follow_up.urlpatterns]
