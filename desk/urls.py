"""Addresses of desk/: Today and the chart's overview."""

from django.urls import path

from desk.views.access_reports import access_report, access_report_pdf, access_reports
from desk.views.chart import chart, timeline
from desk.views.today import today

app_name = "desk"
urlpatterns = [
    path("", today, name="today"),
    path("clients/<int:client_id>/", chart, name="chart"),
    path("clients/<int:client_id>/timeline/", timeline, name="timeline"),
    path("clients/<int:client_id>/opened/reports/", access_reports, name="access_reports"),
    path("clients/<int:client_id>/opened/reports/<int:report_id>/", access_report, name="access_report"),
    path("clients/<int:client_id>/opened/reports/<int:report_id>/pdf/", access_report_pdf, name="access_report_pdf"),
]
