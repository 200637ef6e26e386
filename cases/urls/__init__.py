"""Addresses of cases/. Every page about a client carries client_id, so that the access log sees it."""

from cases.urls import assessing, learning, reporting, way_in

app_name = "cases"
urlpatterns = [*way_in.urlpatterns, *learning.urlpatterns, *assessing.urlpatterns, *reporting.urlpatterns]
