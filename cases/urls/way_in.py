"""URLs of intake: inquiries, search, registration, admission, episodes, merges."""

from django.urls import path

from cases.views import merging, people
from cases.views.episodes import admissions, reviews
from cases.views.intake import ended_inquiries, inquiries, moves, openings

urlpatterns = [
    path("inquiries/", inquiries.inquiries_board, name="inquiries"),
    path("inquiries/new/", inquiries.take_inquiry, name="take_inquiry"),
    path("inquiries/new/autosave/", inquiries.autosave_inquiry, name="inquiry_autosave"),
    path("inquiries/new/matches/", inquiries.inquiry_matches, name="inquiry_matches"),
    path("inquiries/ended/", ended_inquiries.inquiries_ended, name="inquiries_ended"),
    path("inquiries/places/", openings.places_page, name="places"),
    path("inquiries/<int:inquiry_id>/", inquiries.inquiry_page, name="inquiry"),
    path("inquiries/<int:inquiry_id>/edit/", inquiries.edit_inquiry, name="inquiry_edit"),
    path("inquiries/<int:inquiry_id>/balance/", inquiries.decision_balance, name="inquiry_balance"),
    path("inquiries/<int:inquiry_id>/move/", moves.move_inquiry, name="inquiry_move"),
    path("inquiries/<int:inquiry_id>/offer/", moves.offer_place, name="inquiry_offer"),
    path("inquiries/<int:inquiry_id>/offer/withdraw/", moves.withdraw_offer, name="inquiry_withdraw"),
    path("inquiries/<int:inquiry_id>/interim/", moves.begin_interim_services, name="inquiry_interim"),
    path("inquiries/<int:inquiry_id>/person/", inquiries.link_inquiry, name="inquiry_link"),
    path("inquiries/<int:inquiry_id>/unlink/", inquiries.unlink_inquiry, name="inquiry_unlink"),
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
    path("clients/<int:client_id>/merge/", merging.merge, name="merge"),
    path("clients/<int:client_id>/merge/<int:merge_id>/undo/", merging.unmerge, name="unmerge"),
    path("clients/<int:client_id>/admit/", admissions.admit, name="admit"),
    path("clients/<int:client_id>/episodes/", admissions.episodes, name="episodes"),
    path("clients/<int:client_id>/episodes/<int:episode_id>/level/", admissions.change_level, name="change_level"),
    path("clients/<int:client_id>/episodes/<int:episode_id>/discharge/", admissions.discharge, name="discharge"),
    path(
        "clients/<int:client_id>/episodes/<int:episode_id>/leaving/", admissions.expect_leaving, name="expect_leaving"
    ),
    path("clients/<int:client_id>/episodes/<int:episode_id>/review/", reviews.review_stay, name="review_stay"),
    path("clients/<int:client_id>/episodes/<int:episode_id>/undo/", admissions.undo_discharge, name="undo_discharge"),
]
