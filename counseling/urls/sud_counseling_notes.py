"""SUD counseling notes, for their author alone."""

from django.urls import path

from counseling.views import sud_counseling_notes

SEPARATE = "clients/<int:client_id>/notes/separate/"

urlpatterns = [
    path(SEPARATE, sud_counseling_notes.separate_notes, name="separate_notes"),
    path(f"{SEPARATE}begin/", sud_counseling_notes.separate_begin, name="separate_begin"),
    path(f"{SEPARATE}<int:separate_id>/", sud_counseling_notes.separate_note, name="separate_note"),
    path(f"{SEPARATE}<int:separate_id>/sign/", sud_counseling_notes.separate_sign, name="separate_sign"),
    path(f"{SEPARATE}<int:separate_id>/disclose/", sud_counseling_notes.separate_disclose, name="separate_disclose"),
    path(f"{SEPARATE}<int:separate_id>/share/", sud_counseling_notes.separate_share, name="separate_share"),
    path(
        f"{SEPARATE}<int:separate_id>/disclose/<int:sent_id>/",
        sud_counseling_notes.separate_sheet,
        name="separate_sheet",
    ),
]
