"""A refusal is shown beside its field, above the form or as a message; anything else that goes wrong is not."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from staff.refusals import NotPermitted, Refusal, refusal_as_message, refusal_on


class TooMany(Refusal):
    sentence = "That is too many."


class Amount(forms.Form):
    amount = forms.IntegerField()


@pytest.fixture
def form() -> Amount:
    form = Amount({"amount": "3"})
    assert form.is_valid()
    return form


@pytest.mark.parametrize(
    ("refusal", "beside"), [(TooMany(), "amount"), (NotPermitted(), "__all__"), (Refusal("No."), "__all__")]
)
def test_a_refusal_stands_where_its_kind_belongs(form: Amount, refusal: Refusal, beside: str) -> None:
    with refusal_on(form, fields={TooMany: "amount"}):
        raise refusal
    assert form.errors == {beside: [refusal.sentence]}


def test_without_a_refusal_the_block_returns_what_it_returns(form: Amount) -> None:
    def act() -> str:
        with refusal_on(form, "amount"):
            return "done"
        return "shown again"

    assert act() == "done"
    assert not form.errors


def test_a_refusal_can_be_a_message_of_the_next_page() -> None:
    request = RequestFactory().post("/")
    request._messages = CookieStorage(request)
    with refusal_as_message(request):
        raise TooMany
    assert [str(each) for each in get_messages(request)] == ["That is too many."]


def test_what_is_no_refusal_is_not_swallowed(form: Amount) -> None:
    with pytest.raises(ZeroDivisionError), refusal_on(form):
        _ = 1 / 0
