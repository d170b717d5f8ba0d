"""What a page needs to show a widget and to answer in the place of Python."""

from klteach.practice.quiz.items import ReviewQuestion
from klteach.practice.quiz.sheet import Sheet
from klteach.practice.quiz.widget import QuizWidget
from klteach.units import WRITTEN
from klteach.units.lookup import question_names, review_of
from klteach.units.routes import CORE

# As often a review question is written out with other numbers; then they come round again.
VERSIONS = 4


def quiz_data(quiz: QuizWidget) -> dict:
    """A sheet, and what each answer reveals. A warm-up says which unit asks: see `review_data`."""
    known = quiz.sheet.reveals()
    data = {
        "title": quiz.title,
        "intro": quiz.intro,
        "together": quiz.together,
        "done": quiz.done,
        "items": quiz.items,
        "known": known,
    }
    units = {item["warm_up"] for item in known.values() if "warm_up" in item}
    if units:
        (unit,) = units
        return {name: data[name] for name in ("title", "intro", "together", "done")} | {
            "warm_up": unit
        }
    return data


def review_index() -> dict:
    """What the page chooses the questions of a warm-up by, as `warm_up_questions` does."""
    return {
        "units": [
            {
                "code": unit.code,
                "core": unit.number in CORE,
                "review": [question.name for question in review_of(unit)],
                "questions": list(question_names(unit)),
            }
            for unit in WRITTEN
        ]
    }


def review_data(unit) -> dict[str, list[dict]]:
    """The review questions on a unit: each as a beginner meets it, then as it is asked again."""
    return {
        question.name: [
            _asked(question),
            *(_asked(question.asked_again(times)) for times in range(1, VERSIONS + 1)),
        ]
        for question in review_of(unit)
    }


def _asked(question: ReviewQuestion) -> dict:
    sheet = Sheet("", [question])
    (item,) = sheet.state()
    return {"item": item, "known": sheet.reveals()[question.name]}
