"""The quickest rows of `make faults` (docs/faults.md), and what the table says of a promise that was not kept."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from faults import table
from faults.promises import Promised, make_house, promise
from faults.provider import EMAIL, PLAIN, TEXT, Taken
from faults.rig import Rig
from faults.stories import FAULTS
from faults.verdict import Row, heard, judge, must_go
from reminders import staff_tasks
from reminders.delivery import HAS_IT
from reminders.models import DeliveryAttempt, DeliveryReceipt, Reminder
from tests.counseling.tampering import behind_the_triggers
from tests.ownership import as_owner
from tests.reminders.passes import one_pass

QUICK = ["kill-after-accept", "broker"]
NOON = datetime.datetime(2026, 3, 3, 17, 0, tzinfo=datetime.UTC)


@pytest.mark.broker
def test_promises_are_kept_while_things_break(rig: Rig) -> None:
    told = [fault for name in QUICK for fault in FAULTS if fault.name == name]
    rows = [fault.run(rig, channel) for fault in told for channel in fault.channels]
    assert len(rows) == 4
    assert all(row.holds for row in rows), "\n".join(table.printed(row) for row in rows)
    killed = {row.channel: row for row in rows[:3]}
    assert killed[EMAIL].dropped >= 1, "sent again, and the provider dropped it by its key"
    assert killed[TEXT].reports
    assert killed[TEXT].found + killed[TEXT].told >= 1, "the provider was asked, and had it, or reported before that"
    assert "may have arrived" not in killed[TEXT].reasons
    assert killed[PLAIN].reasons["may have arrived"] >= 1, "never repeated where a double would be seen"


@pytest.fixture
def judged(db: None, time_machine: object, mailoutbox: list[object]) -> Promised:
    """Two promises, kept, and two that were not to go."""
    time_machine.move_to(NOON, tick=False)  # type: ignore[attr-defined]
    house = make_house()
    made = promise(house, clients=2, staff=0)
    one_pass(NOON)
    return made


def taken(promised: Promised) -> list[Taken]:
    sent = Reminder.objects.filter(pk__in=promised.ids, state="sent").order_by("pk")
    tries = sent.values_list("delivery_attempts__idempotency_key", "delivery_attempts__contact_value")
    return [Taken(EMAIL, key, to, is_double=False) for key, to in tries]


def verdict(promised: Promised, provider: list[Taken], channel: str = EMAIL) -> Row:
    row = Row("A fault", channel)
    judge(row, promised, provider)
    must_go(row, promised)
    return row


def test_a_kept_promise_holds(judged: Promised) -> None:
    row = verdict(judged, taken(judged))
    assert (row.promised, row.sent, row.explained, row.doubles, row.wrong) == (4, 2, 2, 0, [])


def test_one_that_came_twice_is_a_double(judged: Promised) -> None:
    provider = taken(judged)
    row = verdict(judged, [*provider, provider[0]])
    assert (row.doubles, row.holds) == (1, False)


def test_one_that_the_provider_dropped_by_its_key_is_none(judged: Promised) -> None:
    provider = taken(judged)
    row = verdict(judged, [*provider, Taken(EMAIL, provider[0].key, provider[0].to, is_double=True)])
    assert (row.doubles, row.dropped, row.holds) == (0, 1, True)


def test_one_that_is_marked_as_sent_and_never_left_is_found(judged: Promised) -> None:
    assert "never reached the provider" in verdict(judged, taken(judged)[:1]).wrong[0]


def test_one_that_was_taken_and_not_delivered_did_not_arrive(judged: Promised) -> None:
    provider = taken(judged)
    provider[0].is_failed = True
    row = verdict(judged, provider)
    assert row.wrong == [f"reminder {judged.to[provider[0].to]} is marked as sent and was not delivered"]


def test_one_that_came_by_the_next_way_instead_did_once(judged: Promised) -> None:
    provider = taken(judged)
    failed = dataclasses.replace(provider[0], is_failed=True)
    row = verdict(judged, [failed, *provider])
    assert (row.sent, row.doubles, row.wrong) == (2, 0, [])


def test_a_task_for_what_was_sent_is_found(judged: Promised) -> None:
    staff_tasks.instead_of(Reminder.objects.get(pk=judged.ids[0]), "may have arrived", NOON)
    assert verdict(judged, taken(judged)).wrong == ["1 sent, and somebody still has a task"]


class TestReports:
    """What is on record of them, after a text to each of two."""

    ALL = {"200": 4}

    @pytest.fixture
    def provider(self, judged: Promised) -> list[Taken]:
        tries = DeliveryAttempt.objects.filter(reminder__in=judged.ids)
        DeliveryReceipt.objects.bulk_create(
            DeliveryReceipt(
                provider_id=f"SM{each.pk}",
                status=status,
                key=f"reminder-{each.reminder_id}",
                received_at=NOON,
                handled_at=NOON,
                attempt=each,
            )
            for each in tries
            for status in ("sent", "delivered")
        )
        return [dataclasses.replace(each, channel=TEXT) for each in taken(judged)]

    def wrong(self, judged: Promised, provider: list[Taken], answers: dict[str, int] = ALL) -> list[str]:
        row = Row("A fault", TEXT)
        heard(row, judged, provider, answers)
        return [*row.wrong, *([row.remark] if row.remark else [])]

    def test_all_are(self, judged: Promised, provider: list[Taken]) -> None:
        assert self.wrong(judged, provider) == []

    def test_one_that_is_not_is_found(self, judged: Promised, provider: list[Taken]) -> None:
        with as_owner():
            DeliveryReceipt.objects.filter(pk=DeliveryReceipt.objects.first().pk).delete()  # type: ignore[union-attr]
        assert self.wrong(judged, provider) == ["3 reports are on record, of 4"]
        assert self.wrong(judged, provider, {"200": 3, "0": 1}) == ["1 reports were posted in vain"]

    def test_one_too_many_is_found(self, judged: Promised, provider: list[Taken]) -> None:
        assert self.wrong(judged, provider[:1]) == ["4 reports are on record, of 2"]

    def test_one_that_was_refused_is_found(self, judged: Promised, provider: list[Taken]) -> None:
        assert self.wrong(judged, provider, {"200": 4, "403": 1}) == ["1 reports were refused"]

    def test_one_of_no_try_is_found(self, judged: Promised, provider: list[Taken]) -> None:
        DeliveryReceipt.objects.filter(status="sent").update(attempt=None)
        assert self.wrong(judged, provider) == ["2 reports belong to no try"]


def test_one_that_nobody_promised_is_found(judged: Promised) -> None:
    stranger = Taken(EMAIL, "reminder-0@localhost", "stranger@person.example", is_double=False)
    row = verdict(judged, [*taken(judged), stranger])
    assert row.wrong == ["1 messages that nobody promised"]


def test_one_that_waits_or_ended_without_a_word_is_found(judged: Promised) -> None:
    provider = taken(judged)
    Reminder.objects.filter(pk=judged.ids[0]).update(state="pending", sent_at=None)
    row = verdict(judged, provider[1:])
    assert row.wrong == ["1 neither sent nor explained (pending: no reason)"]


def test_one_that_went_and_was_not_to_is_found(judged: Promised) -> None:
    provider = taken(judged)
    held = next(to for to, pk in judged.to.items() if Reminder.objects.get(pk=pk).state == "cancelled")
    Reminder.objects.filter(pk=judged.to[held]).update(state="sent", sent_at=NOON, ended_at=None, reason="")
    row = verdict(judged, [*provider, Taken(EMAIL, "", held, is_double=False)])
    assert row.wrong == ["1 explained: some of 2 that were not to go went"]


def test_one_too_many_that_is_only_explained_is_found(judged: Promised) -> None:
    provider = taken(judged)
    left = judged.to[provider[0].to]
    Reminder.objects.filter(pk=left).update(
        state="cancelled", sent_at=None, ended_at=NOON, reason="the appointment was called off"
    )
    assert verdict(judged, provider[1:]).wrong == ["3 explained, at most 2 had to be"]


def test_what_was_found_by_asking_is_told(judged: Promised) -> None:
    behind_the_triggers("reminders_deliveryattempt", f"UPDATE reminders_deliveryattempt SET detail = '{HAS_IT}'")
    row = verdict(judged, [dataclasses.replace(each, channel=TEXT) for each in taken(judged)], TEXT)
    assert (row.found, row.holds) == (2, True)
    assert table.cells(row)[1:6] == ("text, can be asked", "4", "2", table.cells(row)[4], "0 (2 found by asking)")


def test_the_table_is_written_between_its_marks(
    judged: Promised, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "faults.md"  # type: ignore[operator]
    page.write_text(f"before\n{table.BEGIN}\nstale\n{table.END}\nafter")
    monkeypatch.setattr(table, "FILE", page)
    table.write([verdict(judged, taken(judged))], on=NOON.date(), is_quick=True)
    text = page.read_text()
    assert "| A fault | email, drops doubles | 4 | 2 | 2 (" in text
    assert "stale" not in text
    assert text.startswith("before")
    assert text.endswith("after")


def test_the_page_has_a_row_for_every_fault_and_provider_that_there_is() -> None:
    """A table of another program claims what nobody has seen."""
    lines = [line.removeprefix("| ").split(" | ") for line in table.FILE.read_text().splitlines()]
    written = [
        (line[0], line[1])
        for line in lines
        if len(line) == len(table.HEAD) and line[0] != table.HEAD[0] and set(line[0]) != {"-"}
    ]
    told = [
        (fault.words, table.provider(channel, reports=fault.has_reports(channel)))
        for fault in FAULTS
        for channel in fault.channels
    ]
    assert written == told
