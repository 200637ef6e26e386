"""Evaluations of safety."""

from django.urls import path

from cases.views import safety

urlpatterns = [
    path("clients/<int:client_id>/safety/", safety.safety_page, name="safety"),
]
