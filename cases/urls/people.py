"""Finding and registering people, and keeping their details."""

from django.urls import path

from cases.views import covering, people, restrictions

urlpatterns = [
    path("clients/", people.clients, name="clients"),
    path("clients/suggest/", people.client_suggest, name="client_suggest"),
    path("clients/new/", people.client_new, name="client_new"),
    path("clients/<int:client_id>/which/", people.client_which, name="client_which"),
    path("clients/<int:client_id>/edit/", people.client_edit, name="client_edit"),
    path("clients/<int:client_id>/contacts/", people.contact_add, name="contact_add"),
    path("clients/<int:client_id>/contacts/<int:contact_id>/end/", people.contact_end, name="contact_end"),
    path("clients/<int:client_id>/contacts/<int:contact_id>/prefer/", people.contact_prefer, name="contact_prefer"),
    path("clients/<int:client_id>/care-team/", people.care_team_assign, name="care_team_assign"),
    path("clients/<int:client_id>/care-team/<int:member_id>/end/", people.care_team_end, name="care_team_end"),
    path("clients/<int:client_id>/restrictions/", restrictions.restrictions, name="restrictions"),
    path(
        "clients/<int:client_id>/restrictions/<int:restriction_id>/lift/",
        restrictions.restriction_lift,
        name="restriction_lift",
    ),
    path("covering/", covering.covering, name="covering"),
    path("covering/<int:row_id>/end/", covering.cover_end, name="cover_end"),
]
