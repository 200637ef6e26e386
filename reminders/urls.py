"""URLs of reminders/. Every page about a client has client_id in its URL, so the access log sees it."""

from django.urls import path

from reminders.views import client, crisis, inbox, kinds, mailbox, operations, outbox, tasks, upcoming, webhooks

CHART = "clients/<int:client_id>/reminders/"

app_name = "reminders"
urlpatterns = [
    path("reminders/", outbox.reminders, name="reminders"),
    path("reminders/operations/", operations.operations, name="operations"),
    path("backups/", operations.backups, name="backups"),
    path("reminders/upcoming/", upcoming.upcoming, name="upcoming"),
    path("reminders/kinds/", kinds.kinds, name="kinds"),
    path("reminders/kinds/<slug:kind>/", kinds.kind_page, name="kind"),
    path("reminders/kinds/<slug:kind>/switch/", kinds.switch, name="kind_switch"),
    path("reminders/kinds/<slug:kind>/times/", kinds.times, name="kind_times"),
    path("reminders/kinds/<slug:kind>/wording/", kinds.wording, name="kind_wording"),
    path("reminders/to-staff/<int:pk>/", operations.life_to_staff, name="life_to_staff"),
    path("reminders/tasks/", tasks.tasks, name="tasks"),
    path("reminders/tasks/<int:pk>/done/", tasks.done, name="task_done"),
    path("reminders/tasks/<int:pk>/take/", tasks.take, name="task_take"),
    path("reminders/tasks/<int:pk>/hand-over/", tasks.hand_over, name="task_hand_over"),
    path("reminders/to-staff/<int:pk>/cancel/", outbox.cancel_to_staff, name="cancel_to_staff"),
    path("reminders/to-staff/<int:pk>/retry/", outbox.retry_to_staff, name="retry_to_staff"),
    path("reminders/crisis/<int:pk>/", crisis.crisis_reply_of_nobody, name="crisis_reply_of_nobody"),
    path(CHART, client.client_reminders, name="client_reminders"),
    path(f"{CHART}upcoming/", upcoming.client_upcoming, name="client_upcoming"),
    path(f"{CHART}kinds/<slug:kind>/", client.choose, name="choose_kind"),
    path(f"{CHART}<int:reminder_id>/", operations.life, name="life"),
    path(f"{CHART}<int:reminder_id>/cancel/", outbox.cancel, name="cancel"),
    path(f"{CHART}<int:reminder_id>/retry/", outbox.retry, name="retry"),
    path(f"{CHART}crisis/<int:pk>/", crisis.crisis_reply, name="crisis_reply"),
    path(f"{CHART}order/", client.way_up, name="way_up"),
    path(f"{CHART}numbers/<int:pk>/lift/", client.lift_fact, name="lift_fact"),
    path(f"{CHART}contacts/<int:pk>/stop/", client.opted_out, name="opted_out"),
    path(f"{CHART}contacts/<int:pk>/start/", client.opted_in, name="opted_in"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.inbox_all_read, name="inbox_all_read"),
    path("inbox/email/", inbox.inbox_email, name="inbox_email"),
    path("inbox/<int:pk>/open/", inbox.inbox_open, name="inbox_open"),
    path("inbox/<int:pk>/mark/", inbox.inbox_mark, name="inbox_mark"),
    path("messages/incoming/", webhooks.incoming, name="message_incoming"),
    path("messages/status/", webhooks.status, name="message_status"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox.mailbox, name="letter"),
    path("mailbox/<str:name>/reply/", mailbox.reply, name="reply"),
]
