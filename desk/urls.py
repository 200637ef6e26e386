"""Addresses of desk/: Today and the chart's overview."""

from django.urls import path

from desk.views.chart import chart, timeline
from desk.views.today import today

app_name = "desk"
urlpatterns = [
    path("", today, name="today"),
    path("clients/<int:client_id>/", chart, name="chart"),
    path("clients/<int:client_id>/timeline/", timeline, name="timeline"),
]
