"""What the records of a class add up to: counts, shares and lists, without any markup.

The order of the records changes nothing, and neither does the day on which it is asked.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from klteach.units.lookup import questions

CORRECT, ALMOST, TRIED, NO_ANSWER = OUTCOMES = ("correct", "almost", "not yet", "no answer")
_WITHOUT_ANSWER = ("not attempted", "missing name")

# The upper ends of what is counted together, in per cent of the points.
BANDS = ("0 %", "1 to 24 %", "25 to 49 %", "50 to 74 %", "75 to 99 %", "100 %")

# A notebook is slow if it takes so many times the median, is so many times further from it than the
# others usually are, and takes a second at least: among notebooks of 30 ms, 90 ms mean nothing.
SLOW_TIMES, SLOW_DISTANCES, SLOW_SECONDS = 3, 10, 1.0

SUPERSEDED = "superseded"  # the status of a notebook for which a newer one counts
NO_VERDICT = "no verdict"  # the status of one of which not every answer could be called


# Records


def in_order(records: Iterable[dict]) -> list[dict]:
    """The records by student, then lesson, then file."""
    return sorted(
        records,
        key=lambda r: (*by_name(r["student"]), r["lesson"] or "", r["file"], r["key"]),
    )


def by_name(student: str) -> tuple[str, str]:
    """The place of a student in a list: capitals make no difference, unless nothing else does."""
    return student.casefold(), student


def graded(records: Iterable[dict]) -> list[dict]:
    """The records that have a score, in order."""
    return [record for record in in_order(records) if record["score"] is not None]


def lessons(records: Iterable[dict]) -> list[str]:
    """The lessons of graded notebooks, in the order of the course."""
    return sorted({record["lesson"] for record in graded(records)})


def students(records: Iterable[dict]) -> list[str]:
    """Everybody who handed in anything."""
    return sorted({record["student"] for record in records}, key=by_name)


def title_of(lesson: str) -> str:
    """A lesson's slug as it stands in a sentence.

    >>> title_of("02_cross_entropy_and_kl")
    '02 cross entropy and kl'
    """
    return lesson.replace("_", " ")


def course_order(names: Iterable[str]) -> list[str]:
    """Names of questions as they follow each other in the course; names not known come last."""
    places = {name: place for place, name in enumerate(questions())}
    return sorted(set(names), key=lambda name: (places.get(name, len(places)), name))


def by_lesson(records: Iterable[dict]) -> dict[str, list[dict]]:
    """The graded notebooks of each lesson, in order."""
    found = graded(records)
    return {name: [r for r in found if r["lesson"] == name] for name in lessons(found)}


# What a teacher asks


def reasons(record: dict) -> list[str]:
    """Why a person should look at this notebook, as sentences; empty if nobody need."""
    if record["status"] == SUPERSEDED:
        return []
    found = [record["problem"]] if record["problem"] else []
    found += record["human"]
    found += record["suspicious"]
    if record["score"] is None and not found:
        found = ["there is no score"]
    signs = set(record["suspicious"])
    return [
        f"Suspicious: {reason}" if reason in signs else reason for reason in dict.fromkeys(found)
    ]


def for_a_person(records: Iterable[dict]) -> list[tuple[dict, list[str]]]:
    """The notebooks that a person should look at, with the reasons: those without a score first."""
    found = [(record, reasons(record)) for record in in_order(records)]
    return sorted(
        ((record, why) for record, why in found if why),
        key=lambda pair: pair[0]["score"] is not None,
    )


def bands(records: Iterable[dict]) -> dict[str, int]:
    """How many of these notebooks have how much of their points; the names are BANDS.

    Only nothing at all is 0 %, and only full marks are 100 %.
    """
    counts = dict.fromkeys(BANDS, 0)
    for record in graded(records):
        share = record["score"] / record["points"] if record["points"] else 1.0
        whole = {0.0: 0, 1.0: len(BANDS) - 1}
        counts[BANDS[whole.get(share, 1 + int(4 * share))]] += 1
    return counts


def median_share(records: Iterable[dict]) -> float:
    """The middle one of the scores, as a share of the points."""
    shares = [r["score"] / r["points"] if r["points"] else 1.0 for r in graded(records)]
    return statistics.median(shares)


@dataclass(frozen=True)
class QuestionSummary:
    """How one question went: `counts` has how many notebooks reached each of OUTCOMES."""

    lesson: str
    name: str
    points: float
    counts: dict[str, int]
    mean: float

    @property
    def notebooks(self) -> int:
        return sum(self.counts.values())

    @property
    def success(self) -> float:
        """The share of right answers, of all notebooks of the lesson."""
        return self.counts[CORRECT] / self.notebooks


def question_summaries(records: Iterable[dict]) -> list[QuestionSummary]:
    """Every question of the graded notebooks, in the order of the course."""
    answers = defaultdict(list)
    for record in graded(records):
        for question in record["questions"]:
            if question["score"] is not None:  # it was called
                answers[record["lesson"], question["name"]].append(question)
    found = []
    for name in course_order(name for _, name in answers):
        for lesson in sorted(lesson for lesson, other in answers if other == name):
            given = answers[lesson, name]
            reached = Counter(outcome(question["state"]) for question in given)
            found.append(
                QuestionSummary(
                    lesson,
                    name,
                    given[0]["points"],
                    {key: reached[key] for key in OUTCOMES},
                    statistics.fmean(question["score"] for question in given),
                )
            )
    return sorted(found, key=lambda summary: summary.lesson)  # stable: the course's order stays


def outcome(state: str) -> str:
    """One of OUTCOMES for a state of `klteach.practice.feedback`."""
    if state in (CORRECT, ALMOST):
        return state
    return NO_ANSWER if state in _WITHOUT_ANSWER else TRIED


@dataclass(frozen=True)
class Misconception:
    """One recognised wrong answer to one question.

    sentence   what most of these learners read about it; a line is a paragraph
    students   who gave it
    of         how many students have a graded notebook of the lesson
    """

    lesson: str
    question: str
    name: str
    sentence: str
    students: tuple[str, ...]
    of: int


def misconceptions(records: Iterable[dict]) -> list[Misconception]:
    """The wrong answers that were recognised, the most frequent first."""
    records = graded(records)
    given = defaultdict(list)
    for record in records:
        for question in record["questions"]:
            if question["mistake"] and question["state"] != "correct":  # a note on a right answer
                key = record["lesson"], question["name"], question["mistake"]
                given[key].append((record["student"], question))
    everybody = {lesson: len(students(marks)) for lesson, marks in by_lesson(records).items()}
    found = [
        Misconception(
            *key,
            _sentence([question for _, question in pairs]),
            tuple(students({"student": student} for student, _ in pairs)),
            everybody[key[0]],
        )
        for key, pairs in given.items()
    ]
    places = {name: place for place, name in enumerate(course_order(key[1] for key in given))}
    return sorted(
        found, key=lambda m: (-len(m.students) / m.of, m.lesson, places[m.question], m.name)
    )


@dataclass(frozen=True)
class Unexplained:
    """Wrong answers to one question that were not recognised, and the state that they have."""

    question: str
    state: str
    students: tuple[str, ...]


def unexplained(records: Iterable[dict]) -> list[Unexplained]:
    """The wrong answers that were not recognised, by question, the most frequent first."""
    given = defaultdict(list)
    for record in graded(records):
        for question in record["questions"]:
            if outcome(question["state"]) == TRIED and not question["mistake"]:
                given[question["name"], question["state"]].append(record)
    found = [Unexplained(*key, tuple(students(them))) for key, them in given.items()]
    places = {name: place for place, name in enumerate(course_order(key[0] for key in given))}
    return sorted(found, key=lambda u: (places[u.question], -len(u.students), u.state))


def _sentence(given):
    # an answer that is also not a number has a message that begins with that
    plain = [question for question in given if question["state"] != "nan"] or given
    counts = Counter(question["message"] for question in plain)
    return min(counts, key=lambda message: (-counts[message], len(message), message))


@dataclass(frozen=True)
class Identical:
    """One file that several students handed in; `answered` is False if it has no answer in it."""

    file: dict
    students: tuple[str, ...]
    answered: bool


def identical(records: Iterable[dict]) -> list[Identical]:
    """Files that came from more than one student, those with answers first."""
    copies = defaultdict(list)
    for record in graded(records):
        copies[record["key"]].append(record)
    found = [
        Identical(
            same[0],
            tuple(students(same)),
            any(outcome(question["state"]) != NO_ANSWER for question in same[0]["questions"]),
        )
        for same in copies.values()
        if len(students(same)) > 1
    ]
    return sorted(found, key=lambda group: (not group.answered, *map(by_name, group.students)))


@dataclass(frozen=True)
class Times:
    """How long the `known` notebooks took: `slow` has those far above the others, with seconds."""

    known: int
    median: float
    longest: float
    slow: tuple[tuple[dict, float], ...]


def times_taken(records: Iterable[dict], times: dict[str, float]) -> Times | None:
    """The times of these notebooks, by their keys; None if none is known."""
    known = {r["key"]: times[r["key"]] for r in records if r["key"] in times}
    if not known:
        return None
    values = sorted(known.values())
    median = statistics.median(values)
    usual = statistics.median(abs(value - median) for value in values)
    limit = max(SLOW_SECONDS, SLOW_TIMES * median, median + SLOW_DISTANCES * usual)
    slow = [(r, known[r["key"]]) for r in in_order(records) if known.get(r["key"], 0) > limit]
    return Times(len(values), median, values[-1], tuple(sorted(slow, key=lambda pair: -pair[1])))
