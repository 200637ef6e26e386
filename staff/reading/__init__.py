"""Ask the database many questions in one statement, so a page reads everything together and at one moment.

A function that reads is a generator: it yields its questions and gets the rows back.

    @reads
    def milestones(*, client: Client, staff_member: StaffMember) -> Reading[list[Milestone]]:
        returns, statements = yield from together(rows(returns_of(client)), rows(statements_of(client)))
        return ...

Called directly, `milestones(client=…, staff_member=…)` runs by itself. Inside another one,
`yield from milestones.part(client=…, staff_member=…)` sends its questions along with the others. `together` runs parts
side by side: all of their first questions are one statement, and all of their next questions are another. The number of
statements therefore shows how deeply a page's facts depend on each other, not how many facts there are. If two parts
ask the same question, it is asked once.

Rows come back as Django would have made them: its own compiler writes each query, its own iterables make the objects.
"""

from .asking import Query, attached, exists, first, locked, query, rows
from .parts import Question, Reading, Reads, answer, each, known, reads, together

__all__ = [
    "Query",
    "Question",
    "Reading",
    "Reads",
    "answer",
    "attached",
    "each",
    "exists",
    "first",
    "known",
    "locked",
    "query",
    "reads",
    "rows",
    "together",
]
