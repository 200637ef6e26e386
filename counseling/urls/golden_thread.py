"""The golden thread of a plan."""

from django.urls import path

from counseling.views.golden_thread import thread, thread_rules

urlpatterns = [
    path("formats/thread/", thread_rules.rules, name="thread_rules"),
    path("clients/<int:client_id>/notes/<int:note_id>/objective/", thread.note_file, name="note_file"),
    path("clients/<int:client_id>/plan/thread/", thread.thread, name="thread"),
]
