"""Medical providers' records about a need."""

from django.urls import path

from cases.views import medical

_ONE = "clients/<int:client_id>/assessments/<int:assessment_id>/"

urlpatterns = [
    path(f"{_ONE}evaluation/", medical.medical_evaluation, name="medical_evaluation"),
    path("inquiries/<int:inquiry_id>/evaluation/", medical.inquiry_evaluation, name="inquiry_evaluation"),
]
