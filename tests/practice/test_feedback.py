"""How feedback reads and looks: the score as text, the box as HTML, everything escaped."""

import html.parser
import re

import pytest

from klteach.practice.checker import check_answer
from klteach.practice.feedback import BLUE, STATES, Feedback, box, code_block, paragraph, rich
from klteach.units.lookup import find_question
from tests.practice.typed_answers import function, notebook

KL = find_question("kl")
JUPYTERLAB_BACKGROUNDS = ["#ffffff", "#212121", "#111111"]


class Balanced(html.parser.HTMLParser):
    """Fails on HTML whose elements do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def every_state():
    return [Feedback(KL, state, "Message.", None, "Yours.", ("a note",)) for state in STATES]


@pytest.mark.parametrize(
    ("state", "text"),
    [("correct", "2"), ("almost", "1"), ("named mistake", "0"), ("not attempted", "0")],
)
def test_as_text_it_is_the_score_alone(state, text):
    assert repr(Feedback(KL, state, "Message.")) == text


def test_scores_are_plain_numbers():
    for feedback in every_state():
        assert 0 <= float(repr(feedback)) <= KL.points


def test_only_a_right_answer_gets_full_points():
    assert {f.state for f in every_state() if f.score == f.points} == {"correct"}
    assert {f.state for f in every_state() if 0 < f.score < f.points} == {"almost"}


def test_printed_it_explains():
    text = str(Feedback(KL, "correct", "Gibbs.", notes=("it printed `1`.",)))
    assert text.splitlines()[0] == "✓ Correct: kl, 2 of 2 points"
    assert "Gibbs." in text and "it printed" in text
    assert "../notebooks/02_cross_entropy_and_kl.ipynb" in text


@pytest.mark.parametrize("feedback", every_state(), ids=lambda f: f.state)
def test_the_box_is_whole_announced_and_worded(feedback):
    page = Balanced(feedback._repr_html_())
    tag, attributes = page.seen[0]
    assert (tag, attributes["role"]) == ("div", "status")
    assert STATES[feedback.state].words in feedback._repr_html_()  # never by colour alone
    assert "script" not in {tag for tag, _ in page.seen}
    assert "style" not in {tag for tag, _ in page.seen}


def test_a_right_answer_points_to_its_lesson():
    page = Balanced(Feedback(KL, "correct", "Gibbs.")._repr_html_())
    links = [attributes["href"] for tag, attributes in page.seen if tag == "a"]
    assert links == ["../notebooks/02_cross_entropy_and_kl.ipynb#cell-id=02-the-idea-text"]


@pytest.mark.parametrize(
    "body",
    [
        "return '<script>alert(1)</script>'",
        "print('<img src=x onerror=alert(1)>')",
        "print('<img src=x onerror=alert(1)>')\nreturn 1.0",
        "x = 1\nraise ValueError('</div><script>alert(1)</script>')",
        "x = 1\nraise ValueError('`</code><b>` [x](../notebooks/x.ipynb\" onclick=\"y)')",
        "return {'<b>': '<i>'}",
    ],
)
def test_what_the_learner_wrote_is_escaped(body):
    feedback = check_answer(KL, function("kl", "p, q", f"pass\n{body}"))
    page = Balanced(feedback._repr_html_())
    assert {tag for tag, _ in page.seen} <= {"div", "p", "span", "strong", "code", "a"}
    for _, attributes in page.seen:
        assert set(attributes) <= {"style", "role", "aria-hidden", "href"}
    assert re.search("&lt;|x.ipynb", feedback._repr_html_())


def test_a_name_of_a_class_is_escaped():
    names = notebook("kl = type('<b>', (), {})()\n")
    assert "<b>" not in check_answer(KL, names)._repr_html_()


def test_marks():
    assert rich("`a < b` & c") == "<code>a &lt; b</code> &amp; c"
    assert rich("[x](../notebooks/02_y.ipynb)") == '<a href="../notebooks/02_y.ipynb">x</a>'
    place = "../notebooks/02_y.ipynb#cell-id=02-x_y-text"
    assert rich(f"[x]({place})") == f'<a href="{place}">x</a>'
    assert "<a" not in rich("[x](../notebooks/02_y.ipynb#' onclick=)")
    assert "<a" not in rich("[x](javascript:alert(1))")
    assert "<a" not in rich("[x](https://example.org)")
    assert "&lt;" in paragraph("<")
    assert "&lt;" in box(BLUE, "?", "<b>", "", "")


def test_code_is_escaped_and_keeps_its_text():
    code = 'def f(x):\n    return "<b>" if x < 1 else 2  # why'
    shown = code_block(code)
    Balanced(shown)
    assert "<b>" not in shown
    assert html.unescape(re.sub("<[^>]+>", "", shown)).strip() == code


def test_code_is_shown_without_pygments(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pygments.lexers", None)
    assert html.unescape(re.sub("<[^>]+>", "", code_block("x < 1"))) == "x < 1"


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("background", JUPYTERLAB_BACKGROUNDS)
@pytest.mark.parametrize("colour", sorted({look.colour for look in STATES.values()} | {BLUE}))
def test_edges_stand_out_in_light_and_dark(colour, background):
    assert contrast(colour, background) >= 3  # WCAG 2.2, 1.4.11: what is no text


def test_without_a_theme_the_text_is_dark_on_white():
    style = Balanced(Feedback(KL, "correct", "Gibbs.")._repr_html_()).seen[0][1]["style"]
    fallbacks = dict(re.findall(r"(background|color): var\([^,]+, (#\w+)\)", style))
    text, ground = (
        "#" + "".join(c * 2 for c in value[1:]) if len(value) == 4 else value
        for value in (fallbacks["color"], fallbacks["background"])
    )
    assert contrast(text, ground) >= 7
