"""Phone numbers as staff in the United States read them."""

import pytest
from django.template import Context, Template

from staff import phones


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("518 555 0130", "(518) 555-0130"),
        ("+15185550130", "(518) 555-0130"),
        ("518-555-0130 x12", "(518) 555-0130 ext. 12"),
        ("+442079460018", "+44 20 7946 0018"),
        ("+15185550130,,123#", "(518) 555-0130,,123#"),
        ("robin5185550130@mail.example", "robin5185550130@mail.example"),
        ("555 01", "555 01"),
        ("988", "988"),
        ("her sister has it", "her sister has it"),
        ("", ""),
    ],
)
def test_a_number_is_shown_as_people_here_write_it(stored: str, shown: str) -> None:
    assert phones.spoken(stored) == shown
    page = Template("{% load onward %}{% autoescape off %}{{ number|phone }}{% endautoescape %}")
    assert page.render(Context({"number": stored})) == shown


@pytest.mark.parametrize(
    ("stored", "dialed"),
    [
        ("(518) 555-0130", "+15185550130"),
        ("518.555.0130 x123", "+15185550130,123"),
        ("+15185550130,,123#", "+15185550130,,123#"),
        ("+44 20 7946 0018", "+442079460018"),
        ("988", "988"),
        ('5"><b>', "5"),
        ("", ""),
    ],
)
def test_a_number_as_a_link_dials_it(stored: str, dialed: str) -> None:
    assert phones.dialed(stored) == dialed
