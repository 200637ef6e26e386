"""Readings: generators that yield their questions, run side by side, and get the rows back."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, overload

from django.db.models import QuerySet

from staff.reading.statement import Compiled, ask

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, eq=False)
class Question:
    """Rows that a function is waiting for. Its queryset prefetches nothing: `rows` asks for that next."""

    queryset: QuerySet[Any, Any]
    compiled: Compiled | None = None


Reading = Generator[list[Question], list[list[Any]], T]


class Reads(Generic[P, T]):
    """A function that reads, called directly or as a `part` of another one."""

    def __init__(self, function: Callable[P, Reading[T]]) -> None:
        self.part = function
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return answer(self.part(*args, **kwargs))


def reads(function: Callable[P, Reading[T]]) -> Reads[P, T]:
    """Make a generator of questions callable like any function."""
    return Reads(function)


def answer(reading: Reading[T], *, keep_plan: bool = False) -> T:
    """Run a reading to its end: one statement for each round of questions from it and its parts.

    With `keep_plan` the server plans a statement of prepared queries once for each connection: for pages that are
    opened all day and ask about one client, where every client's plan is the same. For others, if EXPLAIN has shown
    with 100,000 clients that a plan for anyone is as good.
    """
    try:
        asked = next(reading)
        while True:
            asked = reading.send(_answers(asked, keep_plan=keep_plan))
    except StopIteration as end:
        return end.value


def known(value: T) -> Reading[T]:
    """A part that needs no question: returns the value at once."""
    return value
    yield []


@overload
def together(one: Reading[A], two: Reading[B], /) -> Reading[tuple[A, B]]: ...
@overload
def together(one: Reading[A], two: Reading[B], three: Reading[C], /) -> Reading[tuple[A, B, C]]: ...
@overload
def together(
    one: Reading[A], two: Reading[B], three: Reading[C], four: Reading[D], /
) -> Reading[tuple[A, B, C, D]]: ...
@overload
def together(
    one: Reading[A], two: Reading[B], three: Reading[C], four: Reading[D], five: Reading[E], /
) -> Reading[tuple[A, B, C, D, E]]: ...
@overload
def together(
    one: Reading[A], two: Reading[B], three: Reading[C], four: Reading[D], five: Reading[E], six: Reading[F], /
) -> Reading[tuple[A, B, C, D, E, F]]: ...
def together(*readings: Reading[Any]) -> Reading[tuple[Any, ...]]:
    """Run several side by side, each with its own type; returns the answers in order."""
    found = yield from each(readings)
    return tuple(found)


def each(readings: Iterable[Reading[T]]) -> Reading[list[T]]:
    """Run any number side by side; returns the answers in order."""
    running = list(readings)
    ended: dict[int, T] = {}
    waiting: dict[int, list[Question]] = {}
    for place, reading in enumerate(running):
        _step(reading, None, place, waiting, ended)
    while waiting:
        asked = waiting
        answers = yield [question for questions in asked.values() for question in questions]
        waiting, start = {}, 0
        for place, questions in asked.items():
            own, start = answers[start : start + len(questions)], start + len(questions)
            _step(running[place], own, place, waiting, ended)
    return [ended[place] for place in range(len(running))]


def _step(
    reading: Reading[T],
    answers: list[list[Any]] | None,
    place: int,
    waiting: dict[int, list[Question]],
    ended: dict[int, T],
) -> None:
    try:
        waiting[place] = next(reading) if answers is None else reading.send(answers)
    except StopIteration as end:
        ended[place] = end.value


def _answers(asked: Sequence[Question], *, keep_plan: bool = False) -> list[list[Any]]:
    """The rows of each question."""
    if len(asked) == 1 and asked[0].compiled is None:
        return [list(asked[0].queryset)]
    compiled = [question.compiled or Compiled.of(question.queryset) for question in asked]
    ask(list({each.key: each for each in compiled if each is not None}.values()), keep_plan=keep_plan)
    by_key = {each.key: each for each in compiled if each is not None and each.lines is not None}
    return [
        [] if made is None else made.objects(question.queryset, by_key[made.key].lines or [])
        for question, made in zip(asked, compiled, strict=True)
    ]
