"""Inquiries from the first call to an offer."""

from django.urls import path

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
]
