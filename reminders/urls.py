"""URLs of reminders/. Every page about a client has client_id in its URL, so the access log sees it."""

from django.urls import path

from reminders.views import client, crisis, mailbox, operations, outbox

CHART = "clients/<int:client_id>/reminders/"

app_name = "reminders"
urlpatterns = [
    path("reminders/", outbox.reminders, name="reminders"),
    path("reminders/operations/", operations.operations, name="operations"),
    path("reminders/to-staff/<int:pk>/", operations.life_to_staff, name="life_to_staff"),
    path("reminders/tasks/<int:pk>/done/", outbox.task_done, name="task_done"),
    path("reminders/to-staff/<int:pk>/cancel/", outbox.cancel_to_staff, name="cancel_to_staff"),
    path("reminders/to-staff/<int:pk>/retry/", outbox.retry_to_staff, name="retry_to_staff"),
    path("reminders/crisis/<int:pk>/", crisis.crisis_reply_of_nobody, name="crisis_reply_of_nobody"),
    path(CHART, client.client_reminders, name="client_reminders"),
    path(f"{CHART}<int:reminder_id>/", operations.life, name="life"),
    path(f"{CHART}<int:reminder_id>/cancel/", outbox.cancel, name="cancel"),
    path(f"{CHART}<int:reminder_id>/retry/", outbox.retry, name="retry"),
    path(f"{CHART}crisis/<int:pk>/", crisis.crisis_reply, name="crisis_reply"),
    path(f"{CHART}contacts/<int:pk>/stop/", client.opted_out, name="opted_out"),
    path(f"{CHART}contacts/<int:pk>/start/", client.opted_in, name="opted_in"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.mailbox, name="letter"),
    path("mailbox/<str:name>/reply/", mailbox.reply, name="reply"),
]
