"""Writing, reading and finding notes, and the clinic’s note formats."""

from django.urls import path

from counseling.views.notes import draft_conflicts, formats, mentions, reading, worklist, writing

urlpatterns = [
    path("notes/", worklist.worklist, name="worklist"),
    path("formats/", formats.format_list, name="formats"),
    path("formats/new/", formats.format_new, name="format_new"),
    path("formats/<int:format_id>/", formats.format_page, name="format"),
    path("formats/<int:format_id>/change/", formats.format_change, name="format_change"),
    path("formats/<int:format_id>/retire/", formats.format_retire, name="format_retire"),
    path("clients/<int:client_id>/notes/", reading.notes, name="notes"),
    path("clients/<int:client_id>/notes/new/", writing.note_new, name="note_new"),
    path("clients/<int:client_id>/notes/<int:note_id>/", writing.note_edit, name="note_edit"),
    path("clients/<int:client_id>/notes/<int:note_id>/earlier/", reading.earlier, name="earlier"),
    path("clients/<int:client_id>/notes/<int:note_id>/mentions/", mentions.mention_add, name="mention_add"),
    path(
        "clients/<int:client_id>/notes/<int:note_id>/mentions/<int:mention_id>/remove/",
        mentions.mention_remove,
        name="mention_remove",
    ),
    path("clients/<int:client_id>/notes/<int:note_id>/settle/", draft_conflicts.note_settle, name="note_settle"),
    path("clients/<int:client_id>/notes/<int:note_id>/discard/", writing.note_discard, name="note_discard"),
    path("clients/<int:client_id>/notes/<int:note_id>/take-up/", worklist.note_take_up, name="note_take_up"),
]
