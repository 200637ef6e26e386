"""URLs of referrals/. Every page about a client has client_id in its URL, so the access log sees it."""

from django.urls import path

from reminders.pages import PATH

from .views import feeds, guide, guide_words, meetings, other_help, own_goals, own_page, places, referrals, ties

app_name = "referrals"
urlpatterns = [
    path(f"{PATH}/<str:token>/", own_page.own_page, name="own_page"),
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
    path("referrals/guide/", guide_words.all_words, name="guide_words"),
    path("referrals/guide/<str:text>/", guide_words.one_text, name="guide_text"),
    path("clients/<int:client_id>/meetings/", meetings.find_for_client, name="client_finder"),
    path("clients/<int:client_id>/meetings/<int:meeting_id>/", meetings.meeting_for_client, name="client_meeting"),
    path("clients/<int:client_id>/referrals/", referrals.client_referrals, name="client_referrals"),
    path("clients/<int:client_id>/referrals/offer/", referrals.offer, name="offer"),
    path("clients/<int:client_id>/referrals/involvement/", referrals.record_involvement, name="involvement"),
    path("clients/<int:client_id>/referrals/guide/", guide.resume, name="guide"),
    path("clients/<int:client_id>/referrals/guide/finish/", guide.finish, name="guide_finish"),
    path("clients/<int:client_id>/referrals/guide/<str:stage>/", guide.at_stage, name="guide_stage"),
    path("clients/<int:client_id>/referrals/sponsor/", ties.sponsor, name="sponsor"),
    path("clients/<int:client_id>/referrals/goal/", own_goals.set_goal, name="own_goal"),
    path("clients/<int:client_id>/referrals/goals/<int:goal_id>/away/", own_goals.put_away, name="own_goal_away"),
    path("clients/<int:client_id>/referrals/home-group/", ties.home_group, name="home_group"),
    path("clients/<int:client_id>/referrals/ties/<int:tie_id>/end/", ties.end, name="tie_end"),
    path("clients/<int:client_id>/referrals/<int:referral_id>/", referrals.referral, name="referral"),
    path("clients/<int:client_id>/referrals/<int:referral_id>/<str:step>/", referrals.take_step, name="step"),
    path("services/referrals/", other_help.services, name="services"),
    path("services/places/", places.places, name="places"),
    path("services/places/new/", places.place_new, name="place_new"),
    path("services/places/<int:place_id>/", places.place, name="place"),
    path("services/places/<int:place_id>/edit/", places.place_edit, name="place_edit"),
    path("services/places/<int:place_id>/use/", places.place_use, name="place_use"),
    path("clients/<int:client_id>/services/", other_help.client_services, name="client_services"),
    path("clients/<int:client_id>/services/new/", other_help.refer, name="service_refer"),
    path("clients/<int:client_id>/services/<int:service_id>/", other_help.service, name="service"),
    path("clients/<int:client_id>/services/<int:service_id>/<str:move>/", other_help.service_move, name="service_move"),
]
