"""Notes and plans as printed pages and PDFs."""

from django.urls import path

from counseling.views import printing

urlpatterns = [
    path("clients/<int:client_id>/notes/<int:note_id>/print/", printing.note_print, name="note_print"),
    path("clients/<int:client_id>/notes/<int:note_id>/pdf/", printing.note_pdf, name="note_pdf"),
    path("clients/<int:client_id>/plan/print/", printing.plan_print, name="plan_print"),
    path("clients/<int:client_id>/plan/pdf/", printing.plan_pdf, name="plan_pdf"),
    path("clients/<int:client_id>/plan/discharge/", printing.discharge_plan, name="discharge_plan"),
    path("clients/<int:client_id>/plan/discharge/pdf/", printing.discharge_plan_pdf, name="discharge_plan_pdf"),
    path("clients/<int:client_id>/plan/safety/", printing.safety_plan, name="safety_plan"),
    path("clients/<int:client_id>/plan/safety/pdf/", printing.safety_plan_pdf, name="safety_plan_pdf"),
]
