"""Signing, cosigning, addenda, and verifying signed notes."""

from django.urls import path

from counseling.views.signing import batch_signing, signing, verifying

urlpatterns = [
    path("notes/sign/", batch_signing.sign_together, name="sign_together"),
    path("notes/cosign/", batch_signing.cosign_together, name="cosign_together"),
    path("signatures/", verifying.signatures, name="signatures"),
    path("clients/<int:client_id>/notes/<int:note_id>/sign/", signing.note_sign, name="note_sign"),
    path("clients/<int:client_id>/notes/<int:note_id>/cosign/", signing.note_cosign, name="note_cosign"),
    path("clients/<int:client_id>/notes/<int:note_id>/addenda/", signing.note_addendum, name="note_addendum"),
    path("clients/<int:client_id>/notes/<int:note_id>/verify/", verifying.note_verify, name="note_verify"),
]
