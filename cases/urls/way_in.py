"""The way in: inquiries, finding and registering people, admission, episodes, merging."""

from django.urls import path

from cases.views import inquiries

urlpatterns = [
    path("inquiries/", inquiries.inquiries_board, name="inquiries"),
    path("inquiries/new/", inquiries.take_inquiry, name="take_inquiry"),
    path("inquiries/new/autosave/", inquiries.autosave_inquiry, name="inquiry_autosave"),
    path("inquiries/new/matches/", inquiries.inquiry_matches, name="inquiry_matches"),
    path("inquiries/<int:inquiry_id>/", inquiries.inquiry_page, name="inquiry"),
    path("inquiries/<int:inquiry_id>/edit/", inquiries.edit_inquiry, name="inquiry_edit"),
    path("inquiries/<int:inquiry_id>/balance/", inquiries.decision_balance, name="inquiry_balance"),
    path("inquiries/<int:inquiry_id>/move/", inquiries.move_inquiry, name="inquiry_move"),
    path("inquiries/<int:inquiry_id>/interim/", inquiries.begin_interim_services, name="inquiry_interim"),
    path("inquiries/<int:inquiry_id>/person/", inquiries.link_inquiry, name="inquiry_link"),
    path("inquiries/<int:inquiry_id>/unlink/", inquiries.unlink_inquiry, name="inquiry_unlink"),
]
