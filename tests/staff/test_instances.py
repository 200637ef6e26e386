"""Instances made quickly are what Django makes of the same rows."""

from __future__ import annotations

import pytest
from django.db import models
from django.db.models.signals import post_init

from cases.models import Client, Relapse, TreatmentEpisode
from staff import instances
from staff.models import Clinic, StaffMember
from staff.reading import answer, rows, together
from tests import factories

pytestmark = pytest.mark.django_db


def read(queryset: models.QuerySet[models.Model]) -> list[models.Model]:
    return answer(together(rows(queryset), rows(Clinic.objects.all())))[0]


def same(one: models.Model, other: models.Model) -> bool:
    own, others = one.__dict__.copy(), other.__dict__.copy()
    state, others_state = own.pop("_state"), others.pop("_state")
    return own == others and (state.db, state.adding) == (others_state.db, others_state.adding)


def test_they_have_the_attributes_that_django_gives_them(client_record: Client, counselor: StaffMember) -> None:
    factories.RelapseFactory(client=client_record)
    factories.TreatmentEpisodeFactory(client=client_record)
    for asked in (
        Client.objects.all(),
        Client.objects.defer("city", "name_sounds"),
        Client.objects.only("family_name", "clinic__name").select_related("clinic"),
        StaffMember.objects.select_related("clinic"),
        TreatmentEpisode.objects.select_related("client__clinic", "program", "prior_episode"),
    ):
        made, plain = read(asked), list(asked.all())
        assert made
        assert all(map(same, made, plain)), asked.model
        assert made == plain


def test_they_are_loaded_further_changed_and_saved(client_record: Client, counselor: StaffMember) -> None:
    relapse = factories.RelapseFactory(client=client_record, recorded_by=counselor)
    [made] = read(Relapse.objects.only("client_id", "started_on"))
    assert isinstance(made, Relapse)
    assert made.get_deferred_fields()
    assert made.recorded_by == counselor  # deferred, then followed
    made.refresh_from_db()
    made.client = other = factories.ClientFactory(clinic=client_record.clinic, counselor=counselor)
    assert (made.client_id, made.client) == (other.pk, other)
    [client] = read(Client.objects.filter(pk=client_record.pk))
    client.city = "Troy"  # type: ignore[attr-defined]
    client.save(update_fields=["city"])
    assert Client.objects.get(pk=client_record.pk).city == "Troy"
    assert relapse == made


def test_a_model_that_does_more_when_it_is_made_is_left_to_django() -> None:
    assert instances._is_plain(Client)

    def told(**_: object) -> None:
        """Anyone who wants to know."""

    post_init.connect(told, sender=Client)
    instances._is_plain.cache_clear()
    try:
        assert not instances._is_plain(Client)
        assert instances.quickly({"model": Client, "select_fields": [0]})["model"] is Client  # type: ignore[index]
    finally:
        post_init.disconnect(told, sender=Client)
        instances._is_plain.cache_clear()
