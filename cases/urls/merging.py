"""Two records of one person become one."""

from django.urls import path

from cases.views import merging

urlpatterns = [
    path("clients/<int:client_id>/merge/", merging.merge, name="merge"),
    path("clients/<int:client_id>/merge/<int:merge_id>/undo/", merging.unmerge, name="unmerge"),
]
