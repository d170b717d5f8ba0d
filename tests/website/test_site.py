"""The web edition, built once from the course as it is, and read as files and in a browser."""

import gzip
import json
import random
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from klteach.practice import events
from klteach.practice.quiz.items import Choice
from klteach.practice.quiz.sheet import Sheet
from klteach.practice.quiz.verbs import warm_up_questions
from klteach.units import UNITS, WRITTEN
from klteach.units.lookup import (
    inventory_questions,
    predictions_of,
    question_names,
    review_of,
)
from tests.browser import lab
from tests.browser.accessibility import ABOUT_COLOURS
from tests.browser.explorers import drag, handle, readout
from tests.website.making import make_site, served
from website.build import MARK, FolderTaken, Site, build
from website.links import UnknownLink
from website.page import NEEDS_A_KERNEL
from website.plain_text import words_of
from website.widget_data import VERSIONS, review_index
from website.words import OF_A_NOTEBOOK

MEGABYTE = 1e6
MOST = 30 * MEGABYTE  # for all 32 units
LARGEST = 1.5 * MEGABYTE  # of one file
FIRST_LOAD = 100_000  # bytes of a lesson, compressed, before a widget is near
MOST_PUSHED = 24  # CSS px
ACTED_ON = "[data-widget]"
MISSING = "404.html"
KINDS = (  # one page of each
    "index.html",
    "record.html",
    "lessons/02_cross_entropy_and_kl.html",
    "lessons/C_bibliography.html",
    "exercises/02_cross_entropy_and_kl.html",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("site") / "site")


class Reader(HTMLParser):
    """The ids, the links and the loaded files of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loaded = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif "src" in values or "href" in values:
            file = values.get("src") or values["href"]
            self.loaded += [] if file == "data:," else [file]  # an icon that is none
        self.loaded += [values[name] for name in values if name == "data-source"]


@pytest.fixture(scope="module")
def pages(site):
    """{path on the site: its text}"""
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(site.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def read(pages):
    return {path: Reader(text) for path, text in pages.items()}


def data_of(path: Path):
    """What a file of data hands over."""
    match = re.fullmatch(r'klteach\.take\("[^"]*",(.*)\);\n', path.read_text("utf-8"), re.DOTALL)
    return json.loads(match[1])


# -- the folder


def test_every_written_unit_is_on_the_site_and_no_draft_is(site, pages, read):
    look_up = {path.stem for path in (lab.ROOT / "notebooks").glob("[A-Z]_*.ipynb")}
    written = {unit.name for unit in WRITTEN}
    assert {path.stem for path in (site / "lessons").iterdir()} == written | look_up
    assert {path.stem for path in (site / "exercises").iterdir()} == written
    for path, reader in read.items():
        if path == MISSING:
            continue
        lessons = {link.split("/")[-1].split("#")[0] for link in reader.links}
        assert lessons >= {f"{unit.name}.html" for unit in WRITTEN}, path
    for unit in UNITS:
        on_the_map = f'data-unit="{unit.code}"' in pages["index.html"]
        assert on_the_map == unit.written


def test_every_link_and_every_file_is_there(site, read):
    for path, reader in read.items():
        assert len(set(reader.ids)) == len(reader.ids), path
        for link in reader.links:
            if link.startswith(("https://", "http://", "data:")):
                continue
            file, anchor = urldefrag(link)
            target = (site / path).parent / unquote(file) if file else site / path
            assert target.is_file(), f"{path}: {link}"
            if anchor and target.suffix == ".html":
                name = target.resolve().relative_to(site.resolve()).as_posix()
                assert unquote(anchor) in read[name].ids, f"{path}: {link}"
        for file in reader.loaded:
            assert (site / file).is_file() or ((site / path).parent / file).is_file(), file


def test_a_page_names_no_file_of_others_and_no_notebook_but_its_download(pages, read):
    for path, reader in read.items():
        assert not [file for file in reader.loaded if re.match(r"\w+:|//", file)], path
        assert "@import" not in pages[path]
        notebooks = [link for link in reader.links if ".ipynb" in link]
        assert all("mybinder.org" in link or "downloads/" in link for link in notebooks), path


def test_no_page_speaks_of_what_only_a_notebook_has(pages):
    for path, text in pages.items():
        found = OF_A_NOTEBOOK.search(words_of(text.partition("<article")[2]))
        assert found is None, f"{path}: {found}"


def test_no_page_shows_what_is_made_of_its_authors_record(pages):
    assert not [path for path, text in pages.items() if "Nothing recorded yet" in text]


def test_a_page_and_the_search_know_no_answer_before_it_is_given(site, pages):
    says = [
        option.says
        for unit in WRITTEN
        for item in [*predictions_of(unit), *review_of(unit)]
        if isinstance(item.answers, Choice)
        for option in item.answers.options
    ]
    (search,) = site.glob("assets/data/search.*.js")
    everything = words_of(" ".join(pages.values())) + search.read_text("utf-8")
    assert len(says) > 100
    assert not [each for each in says if len(each) > 60 and each in everything]


def test_nearly_every_explorer_moves_without_a_kernel(pages):
    alive = sum(text.count('data-widget="explorer"') for text in pages.values())
    still = sum(text.count(NEEDS_A_KERNEL) for text in pages.values())
    assert alive > 20 and still <= (alive + still) / 10


def test_the_site_is_small(site):
    sizes = {path: path.stat().st_size for path in site.rglob("*") if path.is_file()}
    assert sum(sizes.values()) <= MOST
    assert max(sizes.values()) <= LARGEST


def test_two_builds_are_the_same_to_the_byte(tmp_path):
    units = ("--unit", "00", "--unit", "13")
    one, other = (make_site(tmp_path / seed, *units, seed=seed) for seed in ("1", "2"))
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    assert not [file for file in files if (one / file).read_bytes() != (other / file).read_bytes()]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FolderTaken, match="was not made by this command"):
        build(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_build_that_fails_leaves_the_site_as_it_was(tmp_path, monkeypatch):
    site = tmp_path / "site"
    monkeypatch.setattr(Site, "write", lambda self: self._write(MARK, b"one"))
    build(site)

    def fail(self):
        self._write(MARK, b"two")
        raise UnknownLink("nowhere")

    monkeypatch.setattr(Site, "write", fail)
    with pytest.raises(UnknownLink):
        build(site)
    assert (site / MARK).read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [site]


# -- in a browser, without a network


class Visitor:
    """A browser on the site at `address` and nowhere else, which notes what goes wrong."""

    def __init__(self, browser, address, **options):
        self.address = address
        on_disk = address.startswith("file:")
        self.context = browser.new_context(offline=on_disk, **options)
        if not on_disk:
            self.context.route(lambda url: not url.startswith(address), lambda route: route.abort())
        self.context.set_default_timeout(lab.PATIENCE)
        self.page = self.context.new_page()
        self.problems, self.asked = [], []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("requestfailed", self._note_failure)
        self.page.on("console", self._listen)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _note_failure(self, request):
        if "ERR_ABORTED" not in request.failure:  # which is a page that was left
            self.problems.append(request.url)

    def _listen(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def open(self, path):
        self.page.goto(f"{self.address}{path}")

    def bring_to_life(self):
        """Come near to every widget of the page."""
        for place in self.page.locator(ACTED_ON).all():
            place.scroll_into_view_if_needed()
            expect(place).to_have_attribute("data-alive", "")

    def leave(self):
        """Nothing has gone wrong, and nobody else was asked for anything."""
        self.context.close()
        own = (self.address, "data:", "blob:")
        assert [url for url in self.asked if not url.startswith(own)] == []
        assert self.problems == []


def on_disk(site):
    return f"{site.as_uri()}/"


@pytest.fixture(scope="module")
def over_http(site):
    with served(site) as address:
        yield address


@pytest.fixture
def visitor(browser, site):
    """Makes a visitor of the site on the disk, or at another address."""
    made = []

    def make(address=None, **options):
        made.append(Visitor(browser, address or on_disk(site), **options))
        return made[-1]

    yield make
    for each in made:
        each.leave()


def compressed(url):
    content = Path(unquote(url.removeprefix("file://"))).read_bytes()
    return len(content if url.endswith(".woff") else gzip.compress(content, mtime=0))


# Moves one thing of an explorer after the other, handles, ranges and choices, until the picture and
# the words are others: what follows the hand at once is no sign of life, and not every step of a
# slider has other words.
MOVE = """async (figure) => {
  const all = (pattern) => [...figure.querySelectorAll(pattern)];
  const paths = "svg > g[aria-hidden] path";
  const picture = () => all(paths).map((each) => each.getAttribute("d")).join();
  const words = () => figure.querySelector(".klx-words").textContent;
  const press = (handle, key) => handle.dispatchEvent(new KeyboardEvent("keydown", { key }));
  const pull = (range, way) => {
    range[way]();
    range.dispatchEvent(new Event("input"));
  };
  const moves = [
    ...all("[role=slider]").flatMap((handle) =>
      ["PageUp", "PageDown"].map((key) => () => press(handle, key))),
    ...all("input[type=range]").flatMap((range) =>
      ["stepUp", "stepDown"].map((way) => () => pull(range, way))),
    ...all("input[type=radio]").map((radio) => () => radio.click()),
  ];
  const [before, said] = [picture(), words()];
  for (let turn = 0; turn < 20 * moves.length; turn += 1) {
    moves[turn % moves.length]();
    for (let frames = 0; frames < 10; frames += 1) {
      await new Promise(requestAnimationFrame);
      if (picture() !== before && words() !== said) return true;
    }
  }
  return false;
}"""


@pytest.fixture(scope="module")
def visits(browser, site, pages):
    """All pages on a phone: how much each loads before a widget is near, how much is too wide.

    On the way every widget comes to life, and nothing goes wrong.
    """
    visitor = Visitor(
        browser, on_disk(site), viewport={"width": 320, "height": 640}, color_scheme="dark"
    )
    apart = re.compile(r"/assets/(?:data|pictures)/|/assets/(?:quiz|explorer)\.")
    loads, wider, moved = {}, {}, {}
    for path in pages:
        before = len(visitor.asked)
        visitor.open(path)
        visitor.page.evaluate("document.fonts.ready.then(() => null)")
        visitor.bring_to_life()
        wider[path] = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        first = {url for url in visitor.asked[before:] if not apart.search(url)}
        loads[path] = sum(map(compressed, first))
        for place in visitor.page.locator("[data-widget=explorer]").all():
            name = place.get_attribute("data-cell")
            moved[name] = place.locator("figure.klx").evaluate(MOVE)
    visitor.leave()
    return loads, wider, moved


def test_every_page_comes_to_life_on_a_phone_and_nothing_is_wider_than_it(visits):
    _, wider, _ = visits
    assert {path: pixels for path, pixels in wider.items() if pixels > 0} == {}


def test_every_explorer_that_is_alive_moves(visits):
    *_, moved = visits
    assert len(moved) > 40 and all(moved.values())


# How far what is in view is pushed, at most, while a reader comes nearer to one widget after the
# other, each of which comes to life before it is seen.
PUSHED = """async () => {
  let most = 0;
  const watcher = new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries())
      for (const { previousRect, currentRect } of sources)
        if (previousRect.height && currentRect.height) // in view before and after
          most = Math.max(most, Math.abs(currentRect.y - previousRect.y));
  });
  watcher.observe({ type: "layout-shift", buffered: true });
  const frames = async (count) => {
    for (let each = 0; each < count; each += 1) await new Promise(requestAnimationFrame);
  };
  for (const place of document.querySelectorAll("[data-widget]")) {
    const away = place.getBoundingClientRect().top - innerHeight;
    scrollBy({ top: away - 600, behavior: "instant" });
    while (!("alive" in place.dataset)) await frames(1);
    await frames(10); // its grid is unpacked
    scrollBy({ top: 600, behavior: "instant" });
    await frames(2);
  }
  return most;
}"""


def test_nothing_goes_wrong_over_http_and_nothing_jumps_when_a_widget_comes_to_life(
    visitor, over_http, site
):
    """All pages are opened from the disk above; over HTTP no more than the address differs."""
    visitor = visitor(over_http, viewport={"width": 1400, "height": 900})
    pushed = {}
    for path in KINDS:
        visitor.open(path)
        pushed[path] = visitor.page.evaluate(PUSHED)
    # a host shows the page in the place of any that is missing, wherever that was
    missing = f"{visitor.address}lessons/none.html"
    visitor.page.route(missing, lambda route: route.fulfill(path=site / MISSING))
    visitor.page.goto(missing)
    visitor.page.get_by_role("link", name="map of the course").click()
    expect(visitor.page.get_by_role("heading", name="Map of the course")).to_be_visible()
    assert {path: pixels for path, pixels in pushed.items() if pixels > MOST_PUSHED} == {}


def test_a_lessons_first_load_is_small(visits):
    loads, *_ = visits
    lessons = [f"lessons/{unit.name}.html" for unit in WRITTEN]
    assert {path: loads[path] for path in lessons if loads[path] > FIRST_LOAD} == {}


def test_an_explorer_follows_keys_the_mouse_and_a_finger(visitor):
    visitor = visitor(viewport={"width": 1100, "height": 900}, has_touch=True)
    visitor.open("lessons/02_cross_entropy_and_kl.html#02-explore-code")
    visitor.bring_to_life()
    widget = visitor.page.locator("figure.klx")
    grip = handle(widget, "Q, the distribution the code is made for: a")
    shown = readout(widget, "KL(P‖Q)")
    expect(shown).to_have_text("0.000 nats")
    grip.focus()
    visitor.page.keyboard.press("PageDown")
    expect(shown).not_to_have_text("0.000 nats")
    before = shown.text_content()
    drag(visitor.page, grip, down=40)
    expect(shown).not_to_have_text(before)
    before = shown.text_content()
    box = grip.locator(".klx-hit").bounding_box()
    visitor.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    expect(shown).not_to_have_text(before)
    expect(visitor.page.locator("#\\30 2-explore-code img")).to_be_hidden()


def test_what_is_read_stays_where_it_is_when_an_explorer_above_it_comes_to_life(visitor):
    visitor = visitor(viewport={"width": 1100, "height": 900})
    visitor.open("lessons/02_cross_entropy_and_kl.html#02-the-idea-text")
    heading = visitor.page.locator("h2", has_text="The idea")
    place = visitor.page.locator('[data-cell="02-explore-code"]')
    expect(place).to_have_attribute("data-alive", "")
    top = heading.bounding_box()["y"]
    assert 40 <= top <= 130  # below the bar, where the link put it


def test_a_prediction_is_committed_once_and_the_record_goes_to_the_notebooks(
    visitor, over_http, tmp_path, monkeypatch
):
    visitor = visitor(over_http, viewport={"width": 1100, "height": 900})
    visitor.open("lessons/02_cross_entropy_and_kl.html")
    visitor.bring_to_life()
    quiz = visitor.page.get_by_role("region", name="Prediction 02-swap")
    quiz.get_by_label("1.102 nats again", exact=True).check()
    quiz.get_by_role("button", name="Commit").click()
    expect(quiz.locator(".klq-headline")).to_have_text("Not this time.")
    visitor.page.reload()
    visitor.bring_to_life()
    expect(quiz.locator(".klq-when")).to_contain_text("a commitment stays")

    visitor.open("index.html")
    expect(visitor.page.locator('[data-unit="02"] .state')).to_have_text("◐ begun")
    visitor.open("record.html")
    expect(visitor.page.locator("#record-counts li").first).to_have_text("1 predictions committed")
    with visitor.page.expect_download() as download:
        visitor.page.locator("#record-download").click()
    record = tmp_path / "progress.jsonl"
    download.value.save_as(record)
    monkeypatch.setenv("KLTEACH_PROGRESS", str(record))
    (prediction,) = [item for item in predictions_of(UNITS[2]) if item.name == "02-swap"]
    (item,) = Sheet("", [prediction]).state()
    assert item["reveal"]["headline"] == "Not this time."

    # and back: a record of the notebooks is loaded, and each event counts once
    (other,) = [item for item in predictions_of(UNITS[2]) if item.name == "02-symbols"]
    message = {"type": "commit", "item": other.name, "answer": 0, "confidence": 80}
    said = Sheet("", [other]).answer(message)["reveal"]["yours"]
    for name in question_names(UNITS[2]):
        events.record("check", question=name, outcome="correct")
    for _ in range(2):
        visitor.page.locator("#record-load").set_input_files(record)
        counts = visitor.page.locator("#record-counts li")
        expect(counts.first).to_have_text("2 predictions committed")
        expect(counts.last).to_have_text(f"{len(question_names(UNITS[2]))} exercises checked")
    visitor.open("index.html")
    expect(visitor.page.locator('[data-unit="02"] .state')).to_have_text("✓ done")
    visitor.open("lessons/02_cross_entropy_and_kl.html")
    visitor.bring_to_life()
    quiz = visitor.page.get_by_role("region", name="Prediction 02-symbols")
    expect(quiz.locator(".klq-when")).to_contain_text("a commitment stays")
    expect(quiz).to_contain_text(said)


WRITE = """(text) => {
  if (text) localStorage.setItem("klteach.progress", text);
  else localStorage.removeItem("klteach.progress");
}"""
COME_BACK = 'dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))'


@pytest.mark.parametrize("where", ["in another tab", "behind this page"])
def test_the_map_and_the_record_follow_what_is_done_elsewhere(visitor, where):
    visitor = visitor()
    front, record, other = (visitor.context.new_page() for _ in range(3))
    for page, name in ((front, "index"), (record, "record"), (other, "lessons/B_glossary")):
        page.goto(f"{visitor.address}{name}.html")

    def write(text):
        if where == "in another tab":
            other.evaluate(WRITE, text)
        else:  # the page that writes is told of nothing
            for page in (front, record):
                page.evaluate(WRITE, text)
                page.evaluate(COME_BACK)

    state = front.locator('[data-unit="02"] .state')
    counted = record.locator("#record-counts li").first
    minutes = state.text_content()
    expect(counted).to_have_text("0 predictions committed")
    event = {"time": "2026-11-29T10:00:00+00:00", "kind": "prediction", "item": "02-swap"}
    write(f"{json.dumps(event)}\n")
    expect(state).to_have_text("◐ begun")
    expect(counted).to_have_text("1 predictions committed")
    assert "02-swap" in unquote(record.locator("#record-download").get_attribute("href"))
    write("")
    expect(state).to_have_text(minutes)
    expect(counted).to_have_text("0 predictions committed")


ANSWER_ALL = """(sheets) => Promise.all(sheets.flatMap(([data, asked]) => asked.map(
  ([item, answer, confidence]) => {
    localStorage.setItem("klteach.progress", "");
    let heard = null;
    const model = klteach.quizModel(data);
    model.on("msg:custom", (message) => { heard = message; });
    model.send({ type: "commit", item, answer, confidence });
    const [event] = localStorage.getItem("klteach.progress").trim().split("\\n").map(JSON.parse);
    return new Promise((done) => setTimeout(() => done([heard, event])));
  })))"""


def committed(item, options, answer, confidence, monkeypatch, path):
    """What Python replies to a commit, and the event that it records."""
    monkeypatch.setenv("KLTEACH_PROGRESS", str(path))
    path.unlink(missing_ok=True)
    message = {"type": "commit", "item": item.name, "answer": answer, "confidence": confidence}
    reply = Sheet("", [item], **options).answer(message)
    (event,) = events.history()
    return [reply, event]


def test_the_page_judges_and_records_every_answer_as_python_does(visitor, monkeypatch, tmp_path):
    items = [item for unit in WRITTEN for item in predictions_of(unit)]
    items += inventory_questions()
    items += [item.asked_again(2) for unit in WRITTEN for item in review_of(unit)]
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "none.jsonl"))
    cases = [(item, {"warm_up": "31"}) for item in items]
    cases += [(item, {"again": True}) for item in inventory_questions()]
    sheets, expected = [], []
    for item, options in cases:
        sheet = Sheet("", [item], **options)
        sure = 80 if getattr(item, "asks_confidence", False) else None
        data = {"title": "", "items": sheet.state(), "known": sheet.reveals()}
        answers = item.answers.samples()
        sheets.append([data, [[item.name, answer, sure] for answer in answers]])
        for answer in answers:
            path = tmp_path / "progress.jsonl"
            with monkeypatch.context() as patch:
                expected.append(committed(item, options, answer, sure, patch, path))
    visitor = visitor()
    visitor.open("index.html")
    results = visitor.page.evaluate(ANSWER_ALL, sheets)
    assert len(results) > 300
    for result, wanted in zip(results, expected, strict=True):
        for event in (result[1], wanted[1]):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", event.pop("time"))
        assert result == wanted


def test_the_page_keeps_the_two_askings_of_the_inventory_apart(visitor, monkeypatch, tmp_path):
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "none.jsonl"))
    item = inventory_questions()[0]
    event = {"kind": "inventory", "item": item.name, "code": "kl-is-symmetric"}
    event["time"] = "2026-11-20T08:00:00+00:00"
    sheets = [Sheet("", [item], again=again) for again in (False, True)]
    data = [{"items": sheet.state(), "known": sheet.reveals()} for sheet in sheets]
    visitor = visitor()
    visitor.open("index.html")
    answered = visitor.page.evaluate(
        """([sheets, records]) => records.map((record) => {
            localStorage.setItem("klteach.progress", JSON.stringify(record));
            return sheets.map((data) => Boolean(klteach.quizModel(data).get("items")[0].reveal));
        })""",
        [data, [event, event | {"again": False}, event | {"again": True}]],
    )
    assert answered == [[True, False], [True, False], [False, True]]


def some_history(chance):
    """A random past of a learner: predictions, exercises, warm-ups."""
    units = chance.sample(WRITTEN, chance.randint(0, len(WRITTEN)))
    past = []
    for unit in sorted(units, key=lambda unit: unit.number):
        for question in chance.sample(review_of(WRITTEN[0]) + review_of(unit), 2):
            hit = chance.random() < 0.6
            past.append({"kind": "review", "item": question.name, "warm_up": unit.code, "hit": hit})
        if chance.random() < 0.5:
            past.append({"kind": "prediction", "item": f"{unit.code}-any"})
    return [{"time": "2026-01-01T00:00:00+00:00"} | event for event in past]


def test_the_page_chooses_the_questions_of_a_warm_up_as_python_does(visitor, monkeypatch, tmp_path):
    record = tmp_path / "progress.jsonl"
    monkeypatch.setenv("KLTEACH_PROGRESS", str(record))
    chance = random.Random(23)
    cases, expected = [], []
    for _ in range(60):
        past, unit = some_history(chance), chance.choice(WRITTEN[1:]).code
        record.write_text("".join(json.dumps(event) + "\n" for event in past), encoding="utf-8")
        cases.append([unit, past])
        expected.append([question.name for question in warm_up_questions(unit)])
    visitor = visitor()
    visitor.open("index.html")
    chosen = visitor.page.evaluate(
        """([units, cases]) => cases.map(
            ([unit, past]) => klteach.warmUpQuestions(unit, units, past))""",
        [review_index()["units"], cases],
    )
    assert [[name for name, _ in each] for each in chosen] == expected


def test_a_warm_up_asks_three_questions_and_judges_them(visitor):
    visitor = visitor(viewport={"width": 768, "height": 900})
    visitor.open("lessons/13_pinsker.html")
    visitor.bring_to_life()
    quiz = visitor.page.get_by_role("region", name="Warm-up 13")
    expect(quiz.get_by_role("group")).to_have_count(3)
    quiz.get_by_role("radio").first.check()
    quiz.get_by_role("button", name="Commit").first.click()
    expect(quiz.locator(".klq-headline").first).to_have_text(re.compile("Right|Not this time"))
    visitor.page.reload()
    visitor.bring_to_life()
    expect(quiz.locator(".klq-headline")).to_have_count(0)  # a warm-up starts afresh


def test_review_questions_come_with_other_numbers_when_they_are_asked_again(site):
    for path in site.glob("assets/data/review-*.js"):
        for name, versions in data_of(path).items():
            assert len(versions) == VERSIONS + 1
            assert {version["item"]["item"] for version in versions} == {name}


def test_the_search_finds_units_and_terms_among_the_first_three(visitor, site):
    visitor = visitor(viewport={"width": 1100, "height": 900})
    visitor.open("lessons/05_two_directions.html")
    (glossary,) = site.glob("assets/data/glossary.*.js")
    terms = {name: entry["term"] for name, entry in data_of(glossary).items()}
    assert len(terms) > 50
    wanted = {unit.title: f"{unit.name}.html" for unit in WRITTEN}
    wanted |= {words_of(term): f"B_glossary.html#{name}" for name, term in terms.items()}
    wanted["kl_div"] = "02_cross_entropy_and_kl.html"
    field = visitor.page.get_by_label("Search the course")
    missed = []
    for words, target in wanted.items():
        field.fill(words)
        results = visitor.page.locator("#results a, #results p")
        expect(results.first).to_be_visible()
        links = results.evaluate_all("all => all.slice(0, 3).map((each) => each.href ?? '')")
        if not any(target in unquote(link) for link in links):
            missed.append((words, links))
    assert missed == []


def test_the_search_is_worked_by_keys(visitor):
    visitor = visitor(viewport={"width": 320, "height": 640})
    visitor.open("index.html")
    visitor.page.keyboard.press("/")
    visitor.page.keyboard.type("pinsker")
    expect(visitor.page.locator("#results a").first).to_be_visible()
    visitor.page.keyboard.press("ArrowDown")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/*.html*")
    expect(visitor.page.locator("h1")).to_contain_text("insker")


def test_a_term_shows_its_meaning_on_focus_and_escape_closes_it(visitor):
    visitor = visitor(viewport={"width": 320, "height": 640})
    visitor.open("lessons/02_cross_entropy_and_kl.html")
    visitor.page.locator("a.term").first.focus()
    tip = visitor.page.get_by_role("tooltip")
    expect(tip).to_contain_text("ross-entropy")
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 320
    visitor.page.keyboard.press("Escape")
    expect(tip).to_have_count(0)


def test_the_theme_is_remembered(visitor, over_http):
    visitor = visitor(over_http, color_scheme="light")
    visitor.open("index.html")
    visitor.page.get_by_role("button", name="Dark").click()
    visitor.open("lessons/00_start_here.html")
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_scripts_a_page_shows_pictures_and_questions(visitor):
    visitor = visitor(java_script_enabled=False, viewport={"width": 800, "height": 900})
    visitor.open("lessons/02_cross_entropy_and_kl.html")
    picture = visitor.page.locator("img[alt^='The price of the wrong code']")
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
    expect(visitor.page.get_by_text("Prediction 02-swap")).to_be_visible()


def test_on_paper_explorers_are_pictures_and_nothing_is_left_to_press(visitor):
    visitor = visitor(viewport={"width": 800, "height": 900})
    visitor.open("lessons/02_cross_entropy_and_kl.html")
    visitor.bring_to_life()
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator("img[alt^='The price of the wrong code']")).to_be_visible()
    expect(visitor.page.locator("figure.klx")).to_be_hidden()
    expect(visitor.page.get_by_role("search")).to_be_hidden()
    expect(visitor.page.get_by_role("button")).to_have_count(0)
    expect(visitor.page.get_by_role("slider")).to_have_count(0)
    visitor.page.pdf()
    assert visitor.page.locator("article details:not([open])").count() == 0


ALL_RULES = ["wcag2a", "wcag2aa", "wcag22aa"]
# What a formula shows is hidden from screen readers, which have its MathML; it is thousands of
# small boxes in the colour of the text around them.
RUN_AXE = """async (runOnly) => {
  const found = await axe.run({ exclude: [[".katex-html"]] }, { runOnly, preload: false });
  return found.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html)]);
}"""


@pytest.mark.parametrize(("theme", "rules"), [("light", ALL_RULES), ("dark", ABOUT_COLOURS)])
def test_axe_finds_nothing_on_the_kinds_of_page(visitor, theme, rules):
    visitor = visitor(viewport={"width": 1400, "height": 900}, color_scheme=theme)
    for path in KINDS:
        visitor.open(path)
        visitor.bring_to_life()
        visitor.page.evaluate(AXE_SCRIPT)
        assert visitor.page.evaluate(RUN_AXE, rules) == [], path
