"""A refusal is shown beside its field, above the form or as a message; anything else that goes wrong is not."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory
from django.urls import reverse

from staff.access import Permission, demand
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


@pytest.mark.django_db
def test_who_was_refused_what_is_in_the_log_without_names(counselor, signed_in, caplog) -> None:
    """ASVS 16.3.2: pages by their role, acts by what they ask for; no name and no email address."""
    with caplog.at_level("WARNING", "onward.access"):
        assert signed_in(counselor).get(reverse("privacy:access_log")).status_code == 403
        with pytest.raises(NotPermitted):
            demand(counselor, Permission.CLINIC_MANAGE)
    first, second = (each.getMessage() for each in caplog.records if each.name == "onward.access")
    assert first == f"{counselor.pk} (role counselor) was refused {reverse('privacy:access_log')}"
    assert second == f"{counselor.pk} (role counselor) was refused to {Permission.CLINIC_MANAGE.value}"
