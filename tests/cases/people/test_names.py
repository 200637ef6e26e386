"""Names of the whole world. The one owner of how names compare is cases.people.names; the database follows it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Value

from cases.models import Client
from cases.models.people.client import NamePlain, Plain
from cases.people import finding, names
from cases.people.names import Likeness, alike
from staff.models import StaffMember

# What is typed into the search box, and the first and last name on record that it must find first.
FINDS = [
    ("García López", "Ana", "García López"),
    ("garcia lopez", "Ana", "García López"),
    ("Ana García López", "Ana", "García López"),
    ("López García Ana", "Ana", "García López"),
    ("lopez", "Ana", "García López"),
    ("Garzia Lopes", "Ana", "García López"),
    ("Ana Garcia-Lopez", "Ana", "García López"),
    ("de la cruz", "Juan", "De la Cruz"),
    ("delacruz", "Juan", "De la Cruz"),
    ("juan de la cruz", "Juan", "Delacruz"),
    ("cruz", "Juan", "de la Cruz"),
    ("juan cruz", "Juan", "de la Cruz"),
    ("o brien", "Sean", "O'Brien"),
    ("o’brien", "Sean", "O'Brien"),
    ("O'Brien", "Sean", "O’Brien"),
    ("Oʼbrien", "Sean", "O`Brien"),
    ("O´Brien sean", "Sean", "OBrien"),
    ("obrien", "Sean", "O'Brien"),
    ("brien", "Sean", "O'Brien"),
    ("sean o brien", "Sean", "OBrien"),
    ("jean luc", "Jean-Luc", "Picot"),
    ("jeanluc picot", "Jean-Luc", "Picot"),
    ("luc", "Jean-Luc", "Picot"),
    ("Jean Luc Picot", "Jeanluc", "Picot"),
    ("Lopez Sample", "Maria", "Lopez-Sample"),
    ("sample lopez", "Maria", "Lopez-Sample"),
    ("maria sample", "Maria", "Lopez-Sample"),
    ("Marcus Fic", "Marcus", "Fictional"),
    ("fic mar", "Marcus", "Fictional"),
    ("Fictional, Marcus", "Marcus", "Fictional"),
    ("Nguyen", "Thị Mai", "Nguyễn"),
    ("nguyen thi mai", "Thị Mai", "Nguyễn"),
    ("Mai Nguyen", "Thị Mai", "Nguyễn"),
    ("do van an", "Văn An", "Đỗ"),
    ("王", "伟", "王"),
    ("王伟", "伟", "王"),
    ("伟王", "伟", "王"),
    ("王 伟", "伟", "王"),
    ("伟", "伟", "王"),
    ("王小", "小明", "王"),
    ("𠮷田太郎", "太郎", "𠮷田"),
    ("太郎𠮷田", "太郎", "𠮷田"),
    ("樂小明", "小明", "\uf914"),  # the compatibility form of 樂
    ("김민", "민준", "김"),
    ("김민준", "민준", "김"),
    ("ペトロ", "一郎", "ペトロフ"),
    ("Петров", "Иван", "Петров"),
    ("петр", "Иван", "Петров"),
    ("иван петров", "Иван", "Петров"),
    ("Семенов", "Пётр", "Семёнов"),
    ("Παπαδοπουλος", "Νίκος", "Παπαδόπουλος"),
    ("محمد", "مُحَمَّد", "الخطيب"),
    ("הכהן", "דָּוִד", "הכהן"),
    ("प्रिया", "प्रिया", "शर्मा"),
    ("สมชาย", "สมชาย", "ใจดี"),
    ("สมชายใจดี", "สมชาย", "ใจดี"),
    ("suharto", "", "Suharto"),
    ("Sukarno", "Sukarno", ""),
    ("al hassan", "Omar", "Al-Hassan"),
    ("alhassan omar", "Omar", "Al-Hassan"),
    ("hassan", "Omar", "al-Hassan"),
    ("ＷＡＮＧ wei", "Wei", "Wang"),
    ("Bjork", "Björk", "Guðmundsdóttir"),
    ("gudmundsdottir", "Björk", "Guðmundsdóttir"),
    ("Soren Ostergard", "Søren", "Østergård"),
    ("mueller", "Jürgen", "Müller"),
    ("groß", "Anna", "Gross"),
    ("isik", "Ayşe", "Işık"),
    ("van der berg", "Piet", "van den Berg"),
    ("berg", "Piet", "van den Berg"),
    ("kaleo kamakawiwoole", "Kaleo", "Kamakawiwoʻole"),
    ("Bobby Sampel", "Robert", "Sample"),
    ("jose luis", "José Luis", "Rivera"),
    ("luis rivera", "José Luis", "Rivera"),
    ("Carlos Juan García López", "Juan", "García"),
    ("szczęsny", "Łukasz", "Szczesny"),
    ("lukasz", "Łukasz", "Szczęsny"),
]  # fmt: skip

# What must not find this person: an empty sound equals no other, and a part in the middle is no beginning.
DOES_NOT_FIND = [
    ("王", "Иван", "Петров"),
    ("王", "Ivan", "Petrov"),
    ("Петров", "伟", "王"),
    ("Петров", "Фёдор", "Сидоров"),
    ("李", "伟", "王"),
    ("محمد", "אברהם", "כהן"),
    ("tional", "Marcus", "Fictional"),
    ("Marcus Pic", "Marcus", "Fictional"),
    ("김", "민준", "이"),
    ("สม", "ใจดี", "มานะ"),
    ("fra", "Ana", "García López"),
    ("o", "Sean", "Brien"),
]

# Two names, and how like the first is to the second.
ALIKE = [
    ("O’Brien", "O'Brien", Likeness.SAME),
    ("O Brien", "OBrien", Likeness.SAME),
    ("de la Cruz", "Cruz", Likeness.SAME),
    ("Delacruz", "De la Cruz", Likeness.SAME),
    ("Lopez García", "García Lopez", Likeness.SAME),
    ("Jean-Luc", "jean luc", Likeness.SAME),
    ("NÚÑEZ", "nunez", Likeness.SAME),
    ("Nguyễn", "Nguyen", Likeness.SAME),
    ("López", "García López", Likeness.PART),
    ("García López", "García", Likeness.PART),
    ("Lopes", "López", Likeness.SOUNDS),
    ("Lomez", "Lopez", Likeness.SPELT),
    ("Fic", "Fictional", Likeness.BEGINS),
    ("王", "王小明", Likeness.BEGINS),
    ("王", "Петров", Likeness.NONE),
    ("王伟", "王芳", Likeness.NONE),
    ("Петров", "Петровский", Likeness.BEGINS),
    ("Петров", "Петрав", Likeness.NONE),
    ("محمد", "أحمد", Likeness.NONE),
    ("", "", Likeness.NONE),
    ("'", "-", Likeness.NONE),
    ("Li", "Smith", Likeness.NONE),
    ("Yi", "Yu", Likeness.NONE),
    ("Yi", "Ye", Likeness.NONE),
    ("De", "Da", Likeness.NONE),
    ("y", "Yi", Likeness.BEGINS),
    ("Yu", "yu", Likeness.SAME),
    ("Yi Chen", "Yu Chen", Likeness.SPELT),
    ("Mi Lopez", "Mu Lopes", Likeness.NONE),
    ("Li", "Lee", Likeness.SOUNDS),
    ("Mc Donald", "MacDonald", Likeness.SOUNDS),
]


@pytest.fixture(autouse=True)
def _crowd(make_client: object) -> None:
    for given, family in (("Sam", "Haddad"), ("Олег", "Кузнецов"), ("芳", "李"), ("Lea", "Okafor"), ("", "Prince")):
        make_client(given_name=given, family_name=family)


@pytest.mark.parametrize(("text", "given", "family"), FINDS)
def test_a_name_finds_who_bears_it(
    intake: StaffMember, make_client: object, text: str, given: str, family: str
) -> None:
    wanted = make_client(given_name=given, family_name=family)
    found = finding.search(staff_member=intake, text=text)
    assert [match.client for match in found][:1] == [wanted], found


@pytest.mark.parametrize(("text", "given", "family"), DOES_NOT_FIND)
def test_a_name_finds_nobody_else(intake: StaffMember, make_client: object, text: str, given: str, family: str) -> None:
    other = make_client(given_name=given, family_name=family)
    assert other not in [match.client for match in finding.search(staff_member=intake, text=text)]


@pytest.mark.parametrize(("asked", "held", "likeness"), ALIKE)
def test_how_like_two_names_are(asked: str, held: str, likeness: Likeness) -> None:
    assert alike(asked, held) == likeness


def test_the_database_writes_names_plainly_as_we_do(clinic: object) -> None:
    every = (
        {name for row in (*FINDS, *DOES_NOT_FIND) for name in row} | {row[0] for row in ALIKE} | {"İstanbul ẞ ς Æ Œ"}
    )
    with connection.cursor() as cursor:
        for name in sorted(every):
            cursor.execute("SELECT cases_plain(%s), cases_name_plain(%s), cases_one_name_words(%s)", [name] * 3)
            plain, for_names, held = cursor.fetchone()
            assert plain == for_names == names.plain(name)
            assert set(held.split()) >= set(names.words(name))
            assert names.joined(name) in held.split() or not names.joined(name)


@pytest.mark.parametrize(
    ("given", "family", "together"),
    [
        ("太郎", "𠮷田", True),
        ("小明", "\uf914", True),
        ("伟", "王", True),
        ("민준", "김", True),
        ("มานะ", "ใจดี", True),
        ("Иван", "Петров", False),
        ("Ana", "López", False),
        ("محمد", "علي", False),
    ],
)
def test_the_database_writes_unspaced_names_together_where_we_do(
    clinic: object, given: str, family: str, together: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_name_words(%s, '', %s, '')", [given, family])
        held = cursor.fetchone()[0].split()
    both = {names.plain(family + given), names.plain(given + family)}
    assert both <= set(held) if together else not both & set(held)
    is_hangul = family == "김"  # names together, sentences with spaces: no short search, no search inside words
    assert names.is_unspaced(family) == (together and not is_hangul)


def test_a_client_has_a_name_of_some_kind(clinic: object, make_client: object) -> None:
    only = make_client(given_name="", family_name="Suharto")
    assert (only.full_name, only.called, only.roster_name) == ("Suharto", "Suharto", "S.")
    first = make_client(given_name="Sukarno", family_name="")
    assert (first.full_name, first.called, first.roster_name) == ("Sukarno", "Sukarno", "Sukarno")
    with pytest.raises(IntegrityError, match="client_has_a_name"), transaction.atomic():
        make_client(given_name=" ", family_name="")


def test_a_changed_name_is_found_at_once_however_it_was_changed(intake: StaffMember, make_client: object) -> None:
    person = make_client(given_name="Ana", family_name="Before")
    Client.objects.filter(pk=person.pk).update(family_name="O’Malley")
    assert finding.search(staff_member=intake, text="o malley")[0].client == person
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_client SET family_name = 'Đorđević' WHERE id = %s", [person.pk])
    assert finding.search(staff_member=intake, text="dordevic")[0].client == person


def test_a_year_of_birth_is_enough_beside_a_name(intake: StaffMember, make_client: object) -> None:
    import datetime

    old = make_client(given_name="Maria", family_name="Lopez", birth_date=datetime.date(1961, 2, 3))
    young = make_client(given_name="Maria", family_name="Lopez", birth_date=datetime.date(1999, 2, 3))
    unknown = make_client(given_name="Maria", family_name="Lopez", birth_date=None)
    assert finding.search(staff_member=intake, text="lopez 1999")[0].client == young
    found = [each.client for each in finding.search(staff_member=intake, text="Maria Lopez 1961")]
    assert found[0] == old
    assert unknown in found


def test_people_of_one_name_without_birth_dates_are_namesakes(intake: StaffMember, make_client: object) -> None:
    one = make_client(given_name="Seán", family_name="O’Brien", birth_date=None)
    two = make_client(given_name="Sean", family_name="O'Brien", birth_date=None)
    make_client(given_name="Sean", family_name="Obrienson", birth_date=None)
    assert finding.namesakes(one, staff_member=intake) == [two]
    assert finding.search(staff_member=intake, text="sean obrien")[0].namesakes


def test_plain_is_asked_of_the_database_for_any_text(clinic: object) -> None:
    values = Client.objects.annotate(text=Plain(Value("Café ÉTÉ")), name=NamePlain(Value("Ñ"))).values_list(
        "text", "name"
    )
    assert values.first() == ("cafe ete", "n")
