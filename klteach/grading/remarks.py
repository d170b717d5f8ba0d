"""What only the whole class shows: which notebook counts, what is odd, and who shares what."""

import re
from collections import Counter, defaultdict

from klteach.grading.collecting.versions import newest
from klteach.grading.hand_ins import counts, of_another_lesson, submission_of, unclear
from klteach.grading.pages.class_summary import SUPERSEDED
from klteach.grading.similar import can_compare, similar
from klteach.practice.wording import listed
from klteach.units.lookup import questions

OTHER_LESSON = "other lesson"  # the status of a notebook that was not asked for
_MOST_NAMED = 3  # learners in a remark
_RARE = 0.1  # a lesson that so few of a class handed in is odd, if most handed in another
_USUAL = 0.6


def remarked(records: list[dict]) -> list[dict]:
    """The records with what the whole class shows; the order stays.

    Of each learner and lesson one notebook keeps its score. What a person should look at is added
    to `human`, what the learner may know to `notes`.
    """
    class_ = _Class(records)
    return [class_.remarked(record) for record in records]


class _Class:
    def __init__(self, records):
        versions, self.of_student = defaultdict(list), defaultdict(list)
        for record in records:
            self.of_student[record["student"]].append(record)
            if counts(record):
                versions[_work(record)].append(record)
        self.chosen = {
            work: newest([(submission_of(r), r["kind"]) for r in rivals])
            for work, rivals in versions.items()
        }
        self.counting = [
            record
            for rivals in versions.values()
            for record in rivals
            if record["file"] in _labels(self.chosen[_work(record)])
        ]
        self.same = defaultdict(list)
        for record in self.counting:
            if record["score"]:
                self.same[record["key"]].append(record)
        self.alike = defaultdict(list)
        for pair in similar(self.counting) if can_compare() else ():
            self.alike[_place(pair.first)].append((pair.second, pair.questions))
            self.alike[_place(pair.second)].append((pair.first, pair.questions))
        self.usual = self._usual_lesson()

    def remarked(self, record):
        record = {**record, "notes": [*record["said"], *record["notes"]]}
        if record["replaced"]:
            return _superseded(record, record["replaced"])
        if record["status"] != "graded":
            doubt = [record["doubt"]] if record["doubt"] else []
            return {**record, "human": [*record["human"], *doubt]}
        if of_another_lesson(record):
            problem = f"it holds the exercises of {record['lesson']}, and {record['set']} was set"
            human = [problem, *record["human"]]
            return {
                **record, "status": OTHER_LESSON, "score": None, "problem": problem, "human": human,
            }  # fmt: skip
        choice = self.chosen[_work(record)]
        if record["file"] not in _labels(choice):
            return _superseded(record, choice.submission.label)
        doubts = [choice.reason] if choice.doubt else []
        notes = [choice.reason] if choice.reason and not choice.doubt else []
        remarks = filter(None, [*doubts, *self._about(record)])
        return {
            **record,
            "notes": [*record["notes"], *notes],
            "human": [*record["human"], *remarks],
        }

    def _about(self, record):
        yield record["doubt"]
        yield unclear(record, self.of_student[record["student"]])
        yield self._odd_lesson(record)
        if record["again"]:
            yield (
                f"the same file was handed in where {record['again']} was set; its mark for "
                f"{record['lesson']} stays"
            )
        others = [one for one in self.same.get(record["key"], ()) if _other(one, record)]
        if others:
            yield f"byte for byte the file of {_whose(others)}"
        for other, names in self.alike.get(_place(record), ())[:_MOST_NAMED]:
            yield (
                f"its answers to {listed(names)} have the same form as those of "
                f"{_whose([other])}, whatever the names and comments in them"
            )

    def _odd_lesson(self, record):
        named = _lesson_in_name(record["file"])
        if not record["set"] and named and named != record["lesson"]:
            return (
                f"its file is named after {named}, and it holds the exercises of "
                + (record["lesson"])
            )
        if not record["set"] and record["lesson"] in self.usual:
            others = {work[1] for work in self.chosen if work[0] == record["student"]}
            usual = self.usual[record["lesson"]]
            if usual not in others:
                return f"it holds the exercises of {record['lesson']}, and most handed in {usual}"
        return ""

    def _usual_lesson(self) -> dict[str, str]:
        """For each lesson that hardly anybody handed in, the one that most did."""
        of_lesson = Counter(lesson for _, lesson in self.chosen)
        class_size = len({student for student, _ in self.chosen})
        if not of_lesson:
            return {}
        usual, most = min(of_lesson.items(), key=lambda item: (-item[1], item[0]))
        few = max(1, _RARE * class_size)
        if class_size < 3 or most < _USUAL * class_size:
            return {}
        return {lesson: usual for lesson, count in of_lesson.items() if count <= few < most}


def _labels(choice) -> set[str]:
    """The files that count: more than one, where they may be several people's."""
    return {one.label for one in (choice.submission, *choice.apart)}


def _superseded(record, by):
    problem = f"Another notebook of the same exercise counts: {by}"
    # whatever was wrong with it need not be settled any more
    return {**record, "status": SUPERSEDED, "problem": problem, "score": None, "human": []}


def _lesson_in_name(file) -> str:
    """The lesson that a file is named after, as the course names its own."""
    name = file.rsplit("/", 1)[-1].lower()
    lessons = {question.lesson for question in questions().values()}
    named = [one for one in lessons if re.search(rf"(?<![a-z0-9]){re.escape(one)}", name)]
    return named[0] if len(named) == 1 else ""


def _work(record) -> tuple[str, str]:
    return record["student"], record["lesson"]


def _place(record):
    return record["student"], record["file"]


def _other(one, record):
    return one["student"] != record["student"]


def _whose(records) -> str:
    """Learners with their files, since another section may have one of the same name."""
    named = [f"{record['student']} ({record['file']})" for record in records[:_MOST_NAMED]]
    if len(records) > _MOST_NAMED:
        named.append(f"{len(records) - _MOST_NAMED} more")
    return listed(named)
