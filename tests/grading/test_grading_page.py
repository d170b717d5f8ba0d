"""The pages: safe whatever is in the records, true to them, and nobody on another one's page."""

import random
import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from klteach.grading.errors import GradingError
from klteach.grading.pages.class_page import class_page
from klteach.grading.pages.class_summary import (
    bands,
    for_a_person,
    identical,
    misconceptions,
    question_summaries,
    times_taken,
    unexplained,
)
from klteach.grading.pages.learner_page import WITHOUT_SCORE, learner_page
from klteach.practice.feedback import STATES
from tests.grading.class_records import (
    LESSON,
    NAMES,
    OTHER_LESSON,
    answers,
    answers_of,
    class_of_thirty,
    record,
    without_score,
    write_pages,
)
from tests.grading.test_grading_marks import HOSTILE

VOID = {"meta", "wbr", "rect", "path"}
INLINE = {"a", "b", "bdi", "code", "span", "strong", "svg"}
ADDRESSES = {"src", "href", "srcset", "action", "data", "poster", "xlink:href"}


class Reader(HTMLParser):
    """Collects what a browser would, and insists that every tag is closed in its order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag not in INLINE:
            self.words.append(" ")

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def read(page):
    return Reader(page).text


def section(page, key):
    """The words of one section of the class page."""
    found = re.search(rf'<section aria-labelledby="{key}">.*?</section>', page, re.DOTALL)
    return read(found[0])


def hostile_record(student):
    """Whatever a learner can write stands in every place that takes words of theirs."""
    given = []
    for answer in answers("error"):
        bad = f"`ValueError: {student}` </script><script>alert(1)</script> \x1b[31m \u202e"
        mistake = f"<i>{student}"
        given.append(answer | {"message": bad, "evidence": bad, "notes": [bad], "mistake": mistake})
    return record(
        student, given, notes=[f"<b>{student}"], human=[f"<u>{student}"], suspicious=["<s>&"]
    )


@pytest.mark.parametrize("student", HOSTILE)
def test_whatever_is_in_a_record_is_shown_and_does_nothing(student, tmp_path):
    records = [hostile_record(student), without_score(student, "unreadable", f"<u>{student}")]
    times = {records[0]["key"]: 50.0, records[1]["key"]: 0.01, **dict.fromkeys("abcd", 0.01)}
    records += [record(name, answers("right"), key=name) for name in "abcd"]
    for path in write_pages(records, times, tmp_path):
        page = path.read_text(encoding="utf-8")
        found = Reader(page)
        assert not set(found.tags) & {"script", "i", "u", "s", "link", "img", "iframe", "object"}
        assert not any(code in page for code in "\x1b\u202e\r\0\udce9")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
        if path.name == "class.html":
            assert "<script>alert(1)" in "".join(found.words)  # as words that are read


@pytest.mark.parametrize("student", HOSTILE)
def test_a_file_name_is_safe_and_found_from_the_class_page(student, tmp_path):
    class_file, own = write_pages([record(student, answers("right"))], {}, tmp_path)
    assert own.parent == tmp_path / "learners" and own.exists()
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}\.html", own.name)
    links = [v for k, v in Reader(class_file.read_text("utf-8")).attributes if k == "href"]
    leaving = {unquote(link) for link in links if not link.startswith("#")}
    assert leaving == {f"learners/{own.name}"}


def test_every_learner_has_a_page_of_their_own(tmp_path):
    students = [*HOSTILE, "ADA", "a b", "a-b"]
    paths = write_pages([record(name, answers("right")) for name in students], {}, tmp_path)
    assert len({path.name.lower() for path in paths}) == len(students) + 1


@pytest.mark.parametrize("page", ["class.html", "learners/dina*.html", "learners/*nneke*.html"])
def test_a_page_is_well_formed_and_loads_and_runs_nothing(page, tmp_path):
    records, times = class_of_thirty()
    records[3]["student"] = "dina"
    write_pages(records, times, tmp_path)
    (path,) = tmp_path.glob(page)
    text = path.read_text(encoding="utf-8")
    found = Reader(text)
    for name, value in found.attributes:
        assert not name.startswith("on") and name != "style"
        if name in ADDRESSES:
            assert value.startswith(("#", "learners/"))
    assert "default-src 'none'" in text
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert "@import" not in style and "url(" not in style.replace("url(#hatch)", "")
    assert "prefers-color-scheme: dark" in style
    for landmark in ("header", "main", "footer", "h1"):
        assert found.tags.count(landmark) == 1
    targets = {value for name, value in found.attributes if name == "id"}
    inside = {v[1:] for k, v in found.attributes if k == "href" and v.startswith("#")}
    assert inside <= targets


def test_the_order_of_the_records_changes_nothing(tmp_path):
    records, times = class_of_thirty()
    first = [path.read_bytes() for path in write_pages(records, times, tmp_path)]
    for seed in range(3):
        random.Random(seed).shuffle(records)
        again = write_pages(records, dict(reversed(times.items())), tmp_path)
        assert [path.read_bytes() for path in again] == first


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "marks").write_text("a file")
    with pytest.raises(GradingError, match="cannot be written"):
        write_pages([record("ada", answers("right"))], {}, tmp_path / "marks")


# A learner's page


def test_nobody_is_on_the_page_of_another(tmp_path):
    records, times = class_of_thirty()
    for made in records:
        made["file"] = f"handed in by {' '.join(NAMES)}/{made['file']}"
    for path in write_pages(records, times, tmp_path)[1:]:
        words = read(path.read_text(encoding="utf-8"))
        named = [name for name in NAMES if re.search(rf"\b{name}\b", words)]
        assert len(named) == 1 and path.name.startswith(
            named[0].encode("ascii", "ignore").decode()[:2]
        )
    with pytest.raises(ValueError, match="one student"):
        learner_page(record("Ada", answers("right")), [record("Bao", answers("right"))])


def plural(points):
    return f"{points:g} point" + "s" * (points != 1)


@pytest.mark.parametrize("kind", ["right", "wrong", "almost", "error", "missing", "untouched"])
@pytest.mark.parametrize("lesson", [LESSON, OTHER_LESSON])
def test_a_learner_reads_all_that_the_check_says(kind, lesson):
    made = record("ada", answers(kind, lesson), lesson)
    page = learner_page(made)
    words = read(page)
    assert f"{made['score']:g} of {plural(made['points'])};" in words
    for answer in made["questions"]:
        look = STATES[answer["state"]]
        head = f"{answer['name']} {look.icon} {look.words} {answer['score']:g} of"
        assert f"{head} {plural(answer['points'])}" in words
        for line in [*answer["message"].split("\n"), answer["evidence"]]:
            plain = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", line.replace("`", ""))
            assert " ".join(plain.split()) in words
        if kind == "right":
            assert "More on this: lesson" in words
        else:
            assert f'hint("{answer["name"]}")' in words
    assert "notebooks/" not in page


def test_a_link_into_the_course_is_words_on_a_page_that_is_sent_to_somebody():
    (answer,) = answers("right")[:1]
    message = "See [lesson 02, `kl`](../notebooks/02_cross_entropy_and_kl.ipynb) <b>."
    page = learner_page(record("ada", [answer | {"message": message}]))
    assert "<p>See lesson 02, <code>kl</code> &lt;b&gt;.</p>" in page


@pytest.mark.parametrize("status", WITHOUT_SCORE)
def test_a_learner_without_a_score_reads_why_and_what_to_do(status):
    made = without_score("ada", status, "it ends in line 3 of `kl`.", points=9.0)
    words = read(learner_page(made))
    why, way_out = WITHOUT_SCORE[status]
    assert why in words and way_out.replace("`", "") in words
    assert not re.search(r"\b0 of|of 9", words)
    if status != "superseded":
        assert f"{why}: it ends in line 3 of kl. So there is no score" in words


def test_a_status_of_a_later_version_has_words_too():
    words = read(learner_page(without_score("ada", "eaten", "the dog did it")))
    assert "no score: the dog did it" in words


def test_what_the_teacher_has_to_judge_is_not_told_as_a_fact():
    changed = "it changed numpy.log"
    made = record("ada", answers("right"), suspicious=[changed], human=[changed, "byte for byte"])
    words = read(learner_page(made))
    assert changed not in words and "byte for byte" not in words
    assert "Your teacher was asked to look at this notebook" in words


def test_several_notebooks_are_one_page_with_what_counts_first(tmp_path):
    records = [
        record("ada", [], status="superseded", file="a/kl (1).ipynb", key="1"),
        record("ada", answers("right"), file="a/kl.ipynb", key="2"),
        record("ada", answers("almost", OTHER_LESSON), OTHER_LESSON, file="a/01.ipynb", key="3"),
    ]
    _, path = write_pages(records, {}, tmp_path)
    page = path.read_text(encoding="utf-8")
    headings = [read(found) for found in re.findall(r"<h2.*?</h2>", page)]
    assert headings == [
        "Exercises 01 surprise entropy bits",
        "Exercises 02 cross entropy and kl",
        "Exercises 02 cross entropy and kl: kl (1).ipynb",
    ]


# The class page


def test_the_class_page_begins_with_what_matters():
    records, times = class_of_thirty()
    page = class_page(records, times, "Our class")
    words = read(page)
    assert words.startswith(
        "Our class 30 students handed in 32 notebooks: 26 graded, 1 replaced by a newer one, 5 "
        "without a score. A person should look at 10."
    )
    headings = [read(found) for found in re.findall(r"<h2.*?</h2>", page)]
    assert headings[0] == "Who needs a person"


def test_everybody_with_a_reason_is_named_with_it():
    records, times = class_of_thirty()
    words = section(class_page(records, times, "Our class"), "a-person")
    for made in records:
        for reason in made["human"]:
            assert reason in words
    for name, reason in {
        "Anneke": "no score: unreadable it ends in the middle of line 214",
        "Emil": "Suspicious: it changed numpy.log, which was put back",
    }.items():
        assert re.search(rf"{name} [^A-Z]*{re.escape(reason)}", words)
    assert words.count("it changed numpy.log") == 1  # not once as a sign and once as a reason
    assert "older" not in words and "Priya" not in words
    assert [made["student"] for made, _ in for_a_person(records)][:3] == ["Ada", "Anneke", "Björn"]


def test_a_class_without_trouble_is_told_so():
    page = class_page([record("ada", answers("right"))], {}, "Our class")
    words = read(page)
    assert "1 student handed in 1 notebook: 1 graded. None needs a person." in words
    assert "nothing about any of them is unclear" in words
    assert "No wrong answer was recognised" in words and "No times are known" in words


def test_an_empty_class_has_a_page():
    Reader(class_page([], {}, "Nobody"))
    broken = class_page([without_score("ada", "refused", "too large")], {}, "Nobody")
    assert "There are no scores." in read(broken)


def small_class():
    """Four learners: of `kl`, two right, one in bits, one untouched."""
    kl = answers_of(LESSON)["kl"]
    wrong = next(answer for answer in kl["wrong"] if answer["mistake"] == "bits")
    kinds = {"ada": kl["right"], "bao": kl["right"], "eve": wrong, "kim": kl["untouched"]}
    return [record(name, [answer]) for name, answer in kinds.items()], wrong


def test_success_is_counted_question_by_question():
    records, _ = small_class()
    (summary,) = question_summaries(records)
    assert summary.counts == {"correct": 2, "almost": 0, "not yet": 1, "no answer": 1}
    assert (summary.success, summary.mean) == (0.5, 1.0)
    words = section(class_page(records, {}, "Our class"), "questions")
    assert "kl 50 % 2 0 1 1 1 of 2" in words


def test_a_misconception_has_its_share_its_sentence_and_its_learners():
    records, wrong = small_class()
    records.append(record("zoe", [wrong]))
    (found,) = misconceptions(records)
    assert (found.name, found.students, found.of) == ("bits", ("eve", "zoe"), 5)
    words = section(class_page(records, {}, "Our class"), "misconceptions")
    message = " ".join(unescape(wrong["message"]).replace("`", "").split())
    assert f"kl: bits 2 of 5 students, 40 % {message} eve and zoe" in words


def test_the_sentence_is_the_one_that_most_learners_read():
    records, wrong = small_class()
    rare = wrong | {"state": "nan", "message": "`nan` is no number.\nOne more thing."}
    records += [record(name, [rare]) for name in ("lee", "max")]
    (found,) = misconceptions(records)
    assert found.sentence == wrong["message"] and len(found.students) == 3
    (found,) = misconceptions([made for made in records if made["student"] != "eve"])
    assert found.sentence == rare["message"]


def test_the_most_common_misconception_comes_first_and_rare_ones_are_folded():
    records = []
    for place in range(20):
        answer = answers("wrong")[1] | {"mistake": f"mistake {place:02}"}
        records += [record(f"learner {place} {copy}", [answer]) for copy in range(20 - place)]
    found = misconceptions(records)
    assert [one.name for one in found] == [f"mistake {place:02}" for place in range(20)]
    page = class_page(records, {}, "Our class")
    folded = re.search(r"<summary>8 rarer ones</summary>.*", page, re.DOTALL)[0]
    assert "mistake 12" in folded and "mistake 11" not in folded


def test_a_wrong_answer_that_nothing_explains_is_listed_by_its_state():
    records = [record("ada", answers("error")[:1]), record("bao", answers("untouched")[:1])]
    (found,) = unexplained(records)
    assert (found.question, found.state, found.students) == ("cross_entropy", "raised", ("ada",))
    words = section(class_page(records, {}, "Our class"), "misconceptions")
    assert "cross_entropy: stopped with an error, 1 student ada" in words


def test_scores_are_counted_in_bands():
    shares = (0, 0, 0.01, 0.24, 0.25, 0.5, 0.74, 0.75, 0.99, 1, 1, 1)
    records = [
        record(str(place), answers("right"), score=100.0 * share, points=100.0)
        for place, share in enumerate(shares)
    ]
    assert list(bands(records).values()) == [2, 2, 1, 2, 2, 3]
    words = section(class_page(records, {}, "Our class"), "scores")
    assert "0 % 2 1 to 24 % 2 25 to 49 % 1 50 to 74 % 2 75 to 99 % 2 100 % 3" in words


def test_identical_files_are_named_and_untouched_ones_are_not_suspected():
    records = [record(name, answers("wrong"), key="same") for name in ("ada", "bao")]
    records += [record(name, answers("untouched"), key="empty") for name in ("eve", "kim")]
    records.append(record("eve", answers("wrong"), key="twice", file="1.ipynb"))
    records.append(record("eve", answers("wrong"), key="twice", file="2.ipynb"))
    records += [
        without_score(name, "unreadable", "it is empty", key="nothing") for name in ("lee", "max")
    ]
    found = identical(records)
    assert [(group.students, group.answered) for group in found] == [
        (("ada", "bao"), True),
        (("eve", "kim"), False),
    ]
    page = class_page(records, {}, "Our class")
    assert "2 students handed in a file that another one handed in" in read(page)
    assert "perhaps the exercise as handed out eve and kim" in section(page, "identical")


@pytest.mark.parametrize(
    ("seconds", "slow"),
    [
        ([0.03] * 10 + [0.2], []),  # seven times the others, and still nothing
        ([0.03] * 10 + [9.0], [9.0]),
        ([2.0, 2.5, 3.0, 3.5, 4.0, 4.5], []),  # all of them slow
        ([2.0, 2.1, 2.2, 2.3, 60.0, 55.0], [60.0, 55.0]),
        ([30.0], []),
    ],
)
def test_slow_is_what_is_far_above_the_others(seconds, slow):
    records = [record(f"{place}", answers("right")) for place in range(len(seconds))]
    times = {made["key"]: taken for made, taken in zip(records, seconds, strict=True)}
    found = times_taken(records, times | {"of somebody else": 999.0})
    assert [taken for _, taken in found.slow] == slow
    assert found.longest == max(seconds)
    words = section(class_page(records, times, "Our class"), "times")
    assert ("None took much longer" in words) == (not slow)


def test_times_are_known_only_of_what_was_graded_in_this_run():
    records = [record("ada", answers("right")), record("bao", answers("right"))]
    assert times_taken(records, {}) is None
    assert times_taken(records, {records[0]["key"]: 2.0}).median == 2.0


def test_different_levels_of_isolation_are_counted():
    records, times = class_of_thirty()
    records[0]["isolation"] = "limits"
    words = read(class_page(records, times, "Our class"))
    assert "namespaces, Landlock, seccomp, limits (30 notebooks)" in words
    assert "limits (1 notebooks)" not in words and "limits (1 notebook)" in words


def test_no_colour_is_needed():
    records, times = class_of_thirty()
    page = class_page(records, times, "Our class")
    for bar in re.findall(r"<svg[^>]*>", page):
        assert 'aria-hidden="true"' in bar
    for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL):
        if 'class="bar"' in row:
            assert re.search(r"<td>[\d,]+( %)?</td>", row)
    tables = re.findall(r"<table>.*?</table>", page, re.DOTALL)
    assert len(tables) == 5
    for table in tables:
        assert "<caption>" in table and 'scope="col"' in table and 'scope="row"' in table


def test_when_everybody_has_all_right_no_question_is_the_hardest():
    page = class_page([record(name, answers("right")) for name in ("ada", "bao")], {}, "Our class")
    words = read(page)
    assert "hardest" not in words and "Everybody has every question right." in words


def test_the_hardest_question_is_named_where_there_is_one():
    records = [record("ada", answers("right")), record("bao", answers("wrong"))]
    assert "50 % have it right" in read(class_page(records, {}, "Our class"))


# A learner's code


def test_a_learner_sees_the_code_that_the_feedback_is_about():
    (answer,) = answers("wrong")[1:2]
    page = learner_page(record("ada", [answer]))
    (shown,) = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert unescape(shown).strip() == answer["code"].strip()


@pytest.mark.parametrize(
    "code",
    [
        "</pre></details><script>alert(1)</script>",
        "x = '\x1b[2J\u202e'\r\ny = '\0'",
        "# `kl` [a](../notebooks/b.ipynb) **c**",
        "x = 1\n" * 5000,
        "y" * 100_000,
        "\ud800",
        "\n\n   \n",
    ],
)
def test_code_is_shown_as_it_is_and_does_nothing(code):
    page = learner_page(record("ada", [answers("right")[0] | {"code": code}]))
    found = Reader(page)
    assert "script" not in found.tags and not re.search("[\x00-\x08\x0b-\x1f\u202e]", page)
    assert found.tags.count("pre") == bool(code.strip())
    body = page.partition("</style>")[2]
    assert body.count("\n") < 270  # and not a line for each that was written


def test_long_code_is_folded_and_short_code_is_not():
    short, long = (
        learner_page(record("ada", [answers("wrong")[0] | {"code": "x = 1\n" * lines}]))
        for lines in (15, 16)
    )
    assert "<details open>" in short and "<details>" in long
    assert "<details>" in learner_page(record("ada", answers("right")[:1]))  # nor what is right
    assert "(16 lines)" in read(long)


def test_indented_code_keeps_its_shape():
    code = "def f(p):\n    if p:\n\treturn 1\n"
    page = learner_page(record("ada", [answers("right")[0] | {"code": code}]))
    assert "def f(p):\n    if p:\n    return 1" in page


def test_a_notebook_without_a_verdict_shows_what_could_be_called():
    right, other, *rest = answers("right")
    questions = [right, other | {"score": None, "state": "not called"}, *rest]
    made = without_score(
        "ada", "no verdict", "`kl` was not called", lesson=LESSON, questions=questions, points=9.0
    )
    words = read(learner_page(made))
    assert "Not all of your answers could be called" in words
    assert "2 of 2 points" in words and "no score of 2 points" in words
