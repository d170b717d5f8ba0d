"""Which lesson a notebook answers, whatever happened to its name and its metadata.

Four traces of a lesson are counted: the grade ids of its questions, its cell ids, its title, and
the functions that the cells define. The lesson with most of them is meant. Points, checksums and
checks that stand in the notebook decide nothing: they are compared with the course's own, and what
was edited is told.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from klteach.grading.notebooks.cell_code import bound_names, imports_in, python_in_text
from klteach.grading.notebooks.notebook import Cell, Notebook
from klteach.practice.question import Question
from klteach.practice.wording import listed
from klteach.units.lookup import questions

EXERCISE = "exercise"
SOLUTION = "solution"
LESSON = "lesson"

# A syntax tree takes some five hundred bytes for every byte of the worst source.
LONGEST_CELL = 50_000
LONGEST_CODE = 400_000

_TITLE = re.compile(
    r"\s*#[ \t]+(?:(Exercises|Solutions)[ \t]+(\d\d)\b|(\d\d|[A-Z])[ \t]+·)", re.IGNORECASE
)
_CELL_ID = re.compile(r"(\d\d)-(?:check_)?(\w+)")  # other cells of an exercise end in -text, -code
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+\w", re.MULTILINE)
_KINDS = {"markdown": "Markdown", "raw": "raw text"}


@dataclass(frozen=True)
class Match:
    """What a notebook answers.

    lesson     the slug of the lesson whose exercises it holds; None if of none, and then
    problem    is a sentence on what it holds instead
    questions  all of that lesson, in the order of the course
    kind       "exercise", or "solution" if the course's own answers are in it; "lesson", if a
               lesson was handed in for its exercises
    as_code    number -> source of the cells that are text in the file and have to run all the same:
               an answer, or imports, that a wrong key has turned into Markdown
    lost       question -> why its answer cannot be called though there may be one
    defined    question -> numbers of the cells that define, assign or import its name, in the
               order of the file
    notes      sentences on what is odd: cells lost, repeated, edited
    doubts     reasons why a person should look whether the lesson is the right one
    """

    lesson: str | None
    questions: tuple[Question, ...] = ()
    kind: str = ""
    problem: str = ""
    defined: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    as_code: Mapping[int, str] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def match(notebook: Notebook) -> Match:
    """The lesson of a notebook and where its questions are answered, without running it."""
    found = _Traces(notebook.cells)
    ranked = found.ranked()
    if not ranked:
        return Match(None, kind=found.kind, problem=found.nothing(), defined=found.defined)
    lesson = ranked[0]
    if found.kind == LESSON and not found.answers(lesson):
        return Match(None, kind=LESSON, problem=found.only_a_lesson(), defined=found.defined)
    asked = _course().of_lesson[lesson]
    names = [question.name for question in asked]
    return Match(
        lesson,
        asked,
        kind=SOLUTION if found.kind == SOLUTION else EXERCISE,
        defined={name: found.defined[name] for name in names if name in found.defined},
        as_code=found.as_code,
        lost={name: found.lost[name] for name in names if name in found.lost},
        notes=tuple(found.notes(lesson)),
        doubts=tuple(found.doubts(ranked)),
    )


@dataclass(frozen=True)
class _Course:
    """The questions of the course, by the traces that they leave in a notebook."""

    of_lesson: Mapping[str, tuple[Question, ...]]
    lesson_of_number: Mapping[str, str]
    mentioned: re.Pattern
    written: re.Pattern


@cache
def _course() -> _Course:
    of_lesson = defaultdict(list)
    for question in questions().values():
        of_lesson[question.lesson].append(question)
    names = "|".join(map(re.escape, questions()))
    return _Course(
        {lesson: tuple(asked) for lesson, asked in of_lesson.items()},
        {lesson.split("_")[0].lower(): lesson for lesson in of_lesson},
        re.compile(rf"\b(?:{names})\b"),
        re.compile(
            rf"^[ \t]*(?:def[ \t]+(?:{names})[ \t]*\(|(?:{names})[ \t]*=[ \t]*lambda\b)", re.M
        ),
    )


class _Traces:
    """Everything in a notebook that points to a question or a lesson."""

    def __init__(self, cells: Iterable[Cell]):
        self.cells = tuple(cells)
        self.kind = ""
        self.title = ""  # the number in it, which need not be that of a lesson with questions
        self.titles: Counter[str] = Counter()  # of each lesson
        # question -> cells with its grade id, and cells with the grade id of its check
        self.starters: defaultdict[str, list[Cell]] = defaultdict(list)
        self.checks: defaultdict[str, list[Cell]] = defaultdict(list)
        # lesson -> questions in cell ids
        self.named: defaultdict[str, set[str]] = defaultdict(set)
        # question -> numbers of the cells that bind its name
        self.defined: dict[str, tuple[int, ...]] = {}
        self.written: set[str] = set()  # questions that a cell defines as a function
        self.functions: defaultdict[str, list[int]] = defaultdict(list)  # and the cells that do
        self.too_long: list[int] = []
        self.as_code: dict[int, str] = {}  # cells of text that run as code
        self.lost: dict[str, str] = {}  # question -> why its answer, a text, does not
        self.scores: dict[str, int] = {}  # lesson -> how many traces of it there are
        self._read_names()
        self._read_code()
        self._count()

    def _read_names(self):
        course, known = _course(), questions()
        for cell in self.cells:
            if cell.kind == "markdown" and (title := _TITLE.match(cell.source)):
                self._read_title(title)
            if cell.kind == "code" and "### BEGIN SOLUTION" in cell.source:
                self.kind = SOLUTION
            if cell.grade_id in known:
                self.starters[cell.grade_id].append(cell)
            elif cell.kind == "code" and (checked := _checked_by(cell)) in known:
                self.checks[checked].append(cell)
            if cell.id and (parts := _CELL_ID.fullmatch(cell.id)):
                lesson = course.lesson_of_number.get(parts[1])
                if parts[2] in known and known[parts[2]].lesson == lesson:
                    self.named[lesson].add(parts[2])

    def _read_title(self, title):
        word, number = (title[1] or "").lower(), (title[2] or title[3]).upper()
        if self.kind != SOLUTION:
            kinds = {"exercises": EXERCISE, "solutions": SOLUTION}
            self.kind = kinds.get(word, self.kind or LESSON)
        self.title = self.title or number
        lesson = _course().lesson_of_number.get(number)
        if lesson and word:
            self.titles[lesson] += 1

    def _read_code(self):
        mentioned, known = _course().mentioned, questions()
        found: defaultdict[str, list[int]] = defaultdict(list)
        self._left = LONGEST_CODE
        for cell in self.cells:
            if cell.kind == "code" and mentioned.search(cell.source):
                self._read_cell(cell, cell.source, found)
        for cell in self.cells:
            if cell.kind != "code":
                self._read_text(cell, found)
        self.defined = {name: tuple(sorted(found[name])) for name in known if name in found}

    def _read_cell(self, cell, source, found):
        if len(source) > min(self._left, LONGEST_CELL):
            self.too_long.append(cell.number)
            return
        self._left -= len(source)
        known = questions().keys()
        functions, others = bound_names(source)
        self.written |= functions & known
        for name in (functions | others) & known:
            found[name].append(cell.number)
        for name in functions & known:
            self.functions[name].append(cell.number)

    def _read_text(self, cell, found):
        """A cell of text that was an answer, or the imports, until somebody changed its kind."""
        meant = {cell.grade_id} & questions().keys() - self.written
        answer = bool(meant) or _course().written.search(cell.source)
        if not (answer or _IMPORT.search(cell.source)) or len(cell.source) > LONGEST_CELL:
            return
        source = python_in_text(cell.source)
        if source is None:
            if meant and cell.source.strip():
                (name,) = meant
                self.lost[name] = (
                    f"not called, since its cell ({cell.number}) is {_KINDS[cell.kind]} and no "
                    "Python"
                )
            return
        if answer and not (bound_names(source)[0] & questions().keys()) - self.written:
            return  # what was meant by it is written in another cell
        if answer or imports_in(source):
            self.as_code[cell.number] = source
            self._read_cell(cell, source, found)

    def _count(self):
        for lesson, asked in _course().of_lesson.items():
            names = [question.name for question in asked]
            self.scores[lesson] = (
                sum(name in self.starters for name in names)
                + sum(name in self.named[lesson] for name in names)
                + sum(name in self.written for name in names)
                + bool(self.titles[lesson])
            )

    def ranked(self) -> list[str]:
        """The lessons that left traces, the likeliest first."""
        return sorted(filter(self.scores.get, self.scores), key=self._rank)

    def _rank(self, lesson):
        return -self.scores[lesson], -bool(self.titles[lesson]), lesson

    def answers(self, lesson) -> bool:
        """Whether answers are in the notebook of a lesson: its exercises' cells, or functions.

        One function proves nothing there, since lessons show some.
        """
        names = {question.name for question in _course().of_lesson[lesson]}
        return bool(
            self.named[lesson] or names & self.starters.keys() or len(names & self.written) > 1
        )

    def nothing(self) -> str:
        if self.kind == LESSON:
            return self.only_a_lesson()
        if not any(cell.kind == "code" for cell in self.cells):
            return "the notebook has no code cells."
        return (
            "no title, cell id or function of this notebook belongs to an exercise of the course."
        )

    def only_a_lesson(self) -> str:
        likely = _course().lesson_of_number.get(self.title.lower())
        wanted = f" (exercises/{likely}.ipynb)" if likely else ""
        sentence = f"this is the notebook of lesson {self.title}, not its exercises{wanted}"
        own = [name for name in self.defined if questions()[name].lesson == likely]
        own = [name for name in own if name in self.written]
        if own:
            return f"{sentence}, though it defines {', '.join(own)}; a person should look."
        return f"{sentence}."

    def doubts(self, ranked):
        """Why another lesson, or none, may be meant; `ranked[0]` is the one that was chosen."""
        lesson, asked = ranked[0], _course().of_lesson[ranked[0]]
        for other in ranked[1:]:
            if self._rank(other)[:2] == self._rank(lesson)[:2]:
                yield f"the notebook fits {lesson} and {other} equally well; graded as {lesson}"
            else:
                names = [question.name for question in _course().of_lesson[other]]
                foreign = [name for name in names if name in self.starters]
                if len(foreign) > len(names) / 2:
                    yield (
                        f"exercises of {other} are in it too ({', '.join(foreign)}); only those of "
                        f"{lesson} are graded"
                    )
        written = [question.name for question in asked if question.name in self.written]
        if self.scores[lesson] == len(written) <= len(asked) / 2 and len(asked) > 1:
            yield (
                f"nothing but {listed(written)} says that the notebook is of {lesson}, which "
                f"has {len(asked)} questions"
            )

    def notes(self, lesson):
        """Sentences on what was lost, repeated or edited."""
        asked = _course().of_lesson[lesson]
        if self.kind == SOLUTION:
            yield "The notebook is the course's own solution, or was made from it."
        if self.too_long:
            yield (
                f"{_cells_text(self.too_long).capitalize()} could not be searched for functions: "
                f"of a cell {LONGEST_CELL:,} characters are, of a notebook {LONGEST_CODE:,}."
            )
        for cell in self.cells:
            if cell.number in self.as_code:
                yield f"Cell {cell.number} is {_KINDS[cell.kind]} in the file; it was run as code."
        if not self.starters:
            yield "The metadata of the exercise are gone; its functions were found by their names."
        for question in asked:
            yield from self._notes_on(question)
        for what, values in (
            ("the id", [(cell.id, cell.number) for cell in self.cells]),
            ("the grade id", [(cell.grade_id, cell.number) for cell in self.cells]),
        ):
            yield from _repeated(what, values)

    def _notes_on(self, question):
        name, cells = question.name, self.defined.get(question.name, ())
        if not cells:
            yield f"No cell that can be read defines {name}."
        elif self.starters and name not in self.starters:
            yield f"The cell of {name} lost its grade id; it was found by its name."
        elif name in self.starters and not {cell.number for cell in self.starters[name]} & set(
            cells
        ):
            yield f"The function {name} is in {_cells_text(cells)} and not in the cell made for it."
        if len(functions := self.functions[name]) > 1:
            yield f"The name {name} is bound in {_cells_text(functions)}; the last one counts."
        if (self.starters or self.checks) and name not in self.checks:
            yield f"The check of {name} was removed; {name} is graded all the same."
        for cell in self.checks.get(name, ())[:1]:
            yield from _edits(cell, question)


def _checked_by(cell) -> str | None:
    return cell.grade_id and cell.grade_id.removeprefix("check_")


def _edits(cell, question):
    name, its = question.name, f"cell {cell.number}"
    if cell.source.strip() != f'check("{name}")':
        yield f"The check of {name} was edited ({its}); the course's own was used."
    if cell.points is not None and cell.points != question.points:
        yield (
            f"The points of {name} were edited ({its} says {cell.points}); they are "
            f"{question.points:g}."
        )
    if cell.checksum is not None and cell.checksum != _checksum(question):
        yield f"The checksum of the check of {name} was edited ({its}); it decides nothing."
    if not cell.grade:
        yield f"The check of {name} is marked as not graded ({its}); it is graded all the same."


def _checksum(question) -> str:
    """What nbgrader's checksum of the question's check is, where nobody touched it."""
    parts = (
        f'check("{question.name}")',
        "code",
        "True",  # graded
        "False",  # no solution
        "True",  # locked
        f"check_{question.name}",
        str(float(question.points)),
    )
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def _repeated(what, values):
    places = defaultdict(list)
    for value, number in values:
        if value is not None:
            places[value].append(number)
    repeated = [(value, numbers) for value, numbers in places.items() if len(numbers) > 1]
    for value, numbers in repeated[:3]:
        yield f"{_cells_text(numbers).capitalize()} have {what} {value[:80]!r} in common."
    if len(repeated) > 3:
        yield f"{len(repeated) - 3} more sets of cells have {what} in common."


def _cells_text(numbers):
    numbers = sorted(set(numbers))
    if len(numbers) > 8:
        numbers[8:] = [f"{len(numbers) - 8} more"]
    return f"cell{'s' if len(numbers) > 1 else ''} {listed([str(number) for number in numbers])}"
