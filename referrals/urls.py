"""URLs of referrals/. Every page about a client has client_id in its URL, so the access log sees it."""

from django.urls import path

from .views import feeds, meetings, referrals

app_name = "referrals"
urlpatterns = [
    path("meetings/", meetings.find, name="finder"),
    path("meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/feeds/", feeds.feeds_list, name="feeds"),
    path("meetings/feeds/new/", feeds.feed_new, name="feed_new"),
    path("meetings/feeds/<int:feed_id>/", feeds.feed, name="feed"),
    path("meetings/feeds/<int:feed_id>/edit/", feeds.feed_edit, name="feed_edit"),
    path("meetings/feeds/<int:feed_id>/import/", feeds.import_now, name="feed_import"),
    path("meetings/feeds/runs/<int:run_id>/", feeds.run, name="run"),
    path("meetings/feeds/runs/<int:run_id>/decide/", feeds.decide, name="run_decide"),
    path("referrals/", referrals.referrals, name="referrals"),
    path("clients/<int:client_id>/meetings/", meetings.find_for_client, name="client_finder"),
    path("clients/<int:client_id>/meetings/<int:meeting_id>/", meetings.meeting_for_client, name="client_meeting"),
    path("clients/<int:client_id>/referrals/", referrals.client_referrals, name="client_referrals"),
    path("clients/<int:client_id>/referrals/offer/", referrals.offer, name="offer"),
    path("clients/<int:client_id>/referrals/involvement/", referrals.record_involvement, name="involvement"),
    path("clients/<int:client_id>/referrals/<int:referral_id>/", referrals.referral, name="referral"),
    path("clients/<int:client_id>/referrals/<int:referral_id>/<str:step>/", referrals.take_step, name="step"),
]
