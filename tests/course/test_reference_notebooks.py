"""The notebooks to look things up in: notation, glossary and bibliography.

Their numbers by a second route, their claims in words, and how they hang together with the lessons:
a term is linked no earlier than it is met, and what a lesson refers to stands in the bibliography.
"""

import math
import re
from functools import cache
from importlib import import_module
from inspect import signature

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.spatial import distance

import klteach
from klteach.units import UNITS
from klteach.units.lookup import at_hand
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.course.notebook_lint import links, text_cells
from tests.units.lesson_text import LESSONS, read, says
from tests.units.second_route import LN_2, TERMS, WORDS, P, Q, cross, distributions, kl

NOTATION = "notebooks/A_notation"
GLOSSARY = "notebooks/B_glossary"
BIBLIOGRAPHY = "notebooks/C_bibliography"
PLACES = [1, 2, 3]  # of the three outcomes on a line

SAID = {}


def jeffreys(p, q):
    return kl(p, q) + kl(q, p)


def js(p, q):
    middle = (np.array(p) + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def tv(p, q):
    return distance.cityblock(p, q) / 2


def w1(p, q):
    return stats.wasserstein_distance(PLACES, PLACES, p, q)


SAID[NOTATION, "printed"] = [
    ("KL(P‖Q) {:.6f} {:.6f} {:.6f}", *3 * [kl(P, Q)]),
    ("KL(Q‖P) {:.6f} {:.6f} {:.6f}", *3 * [kl(Q, P)]),
    ("\ncross_entropy {:.6f}", cross(P, Q)),
    ("jeffreys_divergence {:.6f}", jeffreys(P, Q)),
    ("js_divergence {:.6f}", js(P, Q)),
    ("js_distance {:.6f}", math.sqrt(js(P, Q))),
    ("total_variation {:.6f}", tv(P, Q)),
    ("wasserstein_distance {:.6f}", w1(P, Q)),
    ("q = 0 < p: {}\np = 0 < q: {:.6f}\np = q = 0: {:.1f}", math.inf, LN_2, 0),
    (
        "kl_div, terms [{:.3f} {:.3f} {:.3f}]",
        *(term - p + q for term, p, q in zip(TERMS, P, Q, strict=True)),
    ),
    ("rel_entr, terms [ {:.3f} {:.3f} {:.3f}]", *TERMS),
    ("not normalised {:.6f}", kl(P, Q)),
    ("jensenshannon {:.6f}", math.sqrt(js(P, Q))),
]
SAID[NOTATION, "text"] = [
    (r"the other adds $1 \cdot \log \frac{{1}}{{{:g}}}$", 1 / 2),
]
SMOOTHED = [(count + 1) / (7 + 0 + 3 + 3) for count in (7, 0, 3)]
SAID[GLOSSARY, "text"] = [
    ("The counts (7, 0, 3) become ({:.3f}, {:.3f}, {:.3f})", *SMOOTHED),
    (r"A bit is $\ln 2 = {:.4f}$ nats", LN_2),
    (r"A nat is $1 / \ln 2 = {:.4f}$ bits", 1 / LN_2),
    (r"at most $\log 2 = {:.4f}$ nats or 1 bit", js([1, 0], [0, 1])),
]
ALLOWED = {
    (NOTATION, "text"): [("version 1.4 announced", "the version of a library")],
    (BIBLIOGRAPHY, "text"): [("[SciPy 1.0: Fundamental", "the title of a paper")],
}


# The entries and the links


def entries():
    """{term: its text} of the glossary, in its order."""
    found = {}
    for _, cell in text_cells(read_notebook(ROOT / f"{GLOSSARY}.ipynb")):
        heading = re.match(r"## (.+)\n", cell.source)
        if heading:
            assert heading[1] not in found
            found[heading[1]] = cell.source[heading.end() :].strip()
    return found


ENTRIES = entries()
FIRST_MET = re.compile(r"First met in \[(\d\d) [^\]]+\]\((\d\d)_\w+\.ipynb\)")
TO_COME = re.compile(r"Comes in unit (\d\d)\.")
# where a lesson uses other words than the heading of the entry
OTHER_WORDS = {
    "Cauchy-Schwarz inequality": "Cauchy–Schwarz inequality",
    "Covariance matrix": "covariance",
    "Distribution": "P is the weather",
    "Divergence": "Kullback–Leibler divergence",
    "KL divergence": "Kullback–Leibler divergence",
    "Kelly betting": "Kelly's rule",
    "Multivariate normal distribution": "multivariate normal",
    "Normal distribution": "two normals",
    "Quadrature": "integrate",
    "Relative entropy": "KL divergence",
    "Uniform distribution": "uniform",
    "Window null": "| `windows` | windows independent",
}


def test_the_glossary_is_in_alphabetical_order():
    words = [re.findall(r"\w+", term.casefold().replace("'", "")) for term in ENTRIES]
    assert len(words) > 40 and words == sorted(words)


@pytest.mark.parametrize("term", ENTRIES)
def test_an_entry_is_short_and_says_where_its_term_is_first_met(term):
    last = ENTRIES[term].split("\n\n")[-1]
    met = FIRST_MET.match(last)
    assert met or TO_COME.match(last)
    assert not met or met[1] == met[2]
    assert len(ENTRIES[term].split()) <= (220 if term == "KL divergence" else 100)


@pytest.mark.parametrize("term", ENTRIES)
def test_a_term_is_met_where_the_glossary_says(term):
    met = FIRST_MET.search(ENTRIES[term])
    unit = UNITS[int((met or TO_COME.search(ENTRIES[term]))[1])]
    assert met or not unit.written, f"unit {unit.code} is written, and the entry calls it to come"
    assert not met or unit.code in at_hand(), f"there is no unit {unit.code} yet"
    if met:
        lesson = f"notebooks/{unit.name}"
        notebooks = read(lesson), read(lesson.replace("notebooks", "solutions"))
        words = "\n".join(n.text + n.code + n.printed + n.quizzes for n in notebooks)
        assert OTHER_WORDS.get(term, term.split(" (")[0]).casefold() in words.casefold()


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_links_to_terms_of_its_own_and_of_earlier_units(lesson):
    anchors = {}
    for _, cell in text_cells(read_notebook(ROOT / f"{GLOSSARY}.ipynb")):
        heading = re.match(r"## (.+)\n", cell.source)
        if heading:
            anchors[f"cell-id={cell.id}"] = anchors[heading[1].replace(" ", "-")] = heading[1]
    linked = [
        anchors[target.split("#")[1]]
        for _, cell in text_cells(read_notebook(ROOT / f"{lesson}.ipynb"))
        for _, target in links(cell.source)
        if target.startswith("B_glossary.ipynb#")
    ]
    assert linked, "the lesson links to no term: [entropy](B_glossary.ipynb#cell-id=b-entropy-text)"
    assert len(linked) == len(set(linked)), "a term is linked once, where it is met first"
    for term in linked:
        met = FIRST_MET.search(ENTRIES[term])
        assert met and met[1] <= lesson.split("/")[1][:2], term


def test_the_first_lesson_says_where_to_look_things_up():
    pages = [
        target
        for _, cell in text_cells(read_notebook(ROOT / f"{LESSONS[0]}.ipynb"))
        for _, target in links(cell.source)
    ]
    for page in (NOTATION, GLOSSARY, BIBLIOGRAPHY):
        assert page.removeprefix("notebooks/") + ".ipynb" in pages


def test_the_names_in_the_notation_exist():
    rows = re.findall(r"^\|.*\|$", read(NOTATION).text, re.MULTILINE)
    code = [row for row in rows if re.search(r"\| \[\d\d\] \|$", row)]  # with the unit at the end
    names = re.findall(r"`([A-Za-z_][\w.]+)(?=[(`])", "\n".join(code))
    names = [name for name in names if not re.fullmatch(r"(mu|sigma)_[pq]", name)]
    assert len(names) > 20
    for name in names:
        module, _, function = name.replace("np.", "numpy.").rpartition(".")
        assert hasattr(import_module(module or "klteach"), function), name


def test_the_arguments_in_the_notation_are_those_of_the_library():
    calls = re.findall(r"`(\w+)\(([\w, ]+)\)`", read(NOTATION).text)
    assert ("kl_mvn", "mu_p, cov_p, mu_q, cov_q") in calls
    for name, given in calls:
        parameters = list(signature(getattr(klteach, name)).parameters)
        if given not in ("q, p", "counts"):  # the reverse, and what is counted
            assert parameters[: len(given.split(", "))] == given.split(", "), name


# The bibliography


def works():
    """[(its text, the units that use it)] of the bibliography."""
    text = "\n".join(c.source for _, c in text_cells(read_notebook(ROOT / f"{BIBLIOGRAPHY}.ipynb")))
    found = []
    for line in re.findall(r"^\* (.*)$", text, re.MULTILINE):
        used = re.search(r" \*Units? (\[.*\))\.\*$", line)
        found.append((line, re.findall(r"\[(\d\d)\]", used[1]) if used else []))
    return found


WORKS = works()


@cache
def citations(lesson):
    """The links and titles of what the lesson refers to, in any cell, as markdown has them."""
    found = []
    for _, cell in text_cells(read_notebook(ROOT / f"{lesson}.ipynb")):
        found += [f"({target})" for _, target in links(cell.source) if target.startswith("https")]
        if cell.source.startswith("## Next"):
            for line in re.findall(r"^\* (.*)$", cell.source, re.MULTILINE):
                if "https" not in line:  # a book, by its title
                    title = re.search(r"\*[^*]+\*", line)
                    found.append(title[0] if title else line)
    return sorted(set(found))


def test_every_doi_is_well_formed_and_stands_once():
    dois = [target for line, _ in WORKS for _, target in links(line) if "doi.org" in target]
    assert len(dois) > 20 and len(dois) == len({doi.casefold() for doi in dois})
    for doi in dois:
        assert re.fullmatch(r"https://doi\.org/10\.\d{4,5}/[\w.;/%-]+", doi), doi


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_lesson_refers_to_stands_in_the_bibliography_under_its_unit(lesson):
    unit = lesson.split("/")[1][:2]
    for work in citations(lesson):
        where = [units for line, units in WORKS if work in line]
        assert len(where) == 1, f"{work} stands in {len(where)} lines"
        assert unit in where[0], f"{work} is used in unit {unit} as well"


@pytest.mark.parametrize(("line", "units"), WORKS)
def test_a_unit_that_the_bibliography_names_refers_to_the_work(line, units):
    for code in units:
        assert code in at_hand(), f"there is no unit {code} yet"
        works = citations(f"notebooks/{at_hand()[code].name}")
        assert any(work in line for work in works), f"unit {code} does not refer to it"


def test_the_pages_are_counted_right():
    words = [*WORDS, "eleven", "twelve"]
    counted = 0
    for line, _ in WORKS:
        said = re.search(rf"\b({'|'.join(words[2:])}) pages", line, re.IGNORECASE)
        if said:
            first, last = map(int, re.search(r" (\d+)–(\d+) \(", line).groups())
            assert words[last - first + 1] == said[1].lower(), line
            counted += 1
    assert counted >= 5


# The claims in words


def test_only_the_first_of_the_relatives_depends_on_the_order():
    says(NOTATION, "all symmetric but the first")
    assert cross(P, Q) != pytest.approx(cross(Q, P))
    for measure in (jeffreys, js, tv, w1):
        assert measure(P, Q) == pytest.approx(measure(Q, P))


def test_the_metrics_obey_the_triangle_inequality_and_the_others_do_not():
    says(
        GLOSSARY,
        "Total variation, the square root of Jensen-Shannon and Wasserstein distance are metrics; "
        "KL, Jeffreys and Jensen-Shannon are not.",
    )

    def root_js(p, q):
        return math.sqrt(js(p, q))

    triples = distributions(3, 900).reshape(300, 3, 3)

    def detours_saved(measure):
        return sum(measure(a, c) > measure(a, b) + measure(b, c) + 1e-12 for a, b, c in triples)

    assert [detours_saved(measure) for measure in (tv, root_js, w1)] == [0, 0, 0]
    assert all(detours_saved(measure) > 0 for measure in (kl, jeffreys, js))


def test_the_bregman_divergences_of_negative_entropy_and_of_the_squared_length():
    says(
        GLOSSARY,
        r"B_\varphi(P, Q) = \varphi(P) - \varphi(Q) - \nabla \varphi(Q) \cdot (P - Q)",
        "With $\\varphi = -H$ it is KL(P‖Q)",
    )
    for p, q in zip(distributions(4, 50), distributions(5, 50)[:, :4], strict=True):
        q = q / q.sum()
        entropy_gap = p @ np.log(p) - q @ np.log(q) - (np.log(q) + 1) @ (p - q)
        assert entropy_gap == pytest.approx(kl(p, q))
        square_gap = p @ p - q @ q - 2 * q @ (p - q)
        assert square_gap == pytest.approx(distance.sqeuclidean(p, q))


def test_a_divergence_may_be_0_for_two_that_differ_but_none_of_unit_11_is():
    says(
        GLOSSARY,
        "never negative, and 0 when the two are equal. Of KL and all measures of unit 11 it is 0 "
        "only then; an f-divergence with a generator that is straight around 1 may miss",
    )
    near = np.array([0.34, 0.33, 0.33]), np.array([0.33, 0.34, 0.33])
    straight = klteach.f_divergence(lambda t: np.maximum(np.abs(t - 1) - 0.1, 0), *near)
    assert straight == 0
    assert all(measure(*near) > 1e-6 for measure in (kl, jeffreys, js, tv, w1))


def test_the_errors_of_a_test_where_p_and_q_tie():
    says(
        GLOSSARY,
        r"Their probabilities add up to at least $1 - \mathrm{TV}(P, Q)$.",
        "where the two are equal it may say either",
    )
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    for says_p, best in (([1, 0, 0], True), ([1, 1, 0], True), ([0, 1, 0], False)):
        errors = 1 - np.dot(says_p, p) + np.dot(says_p, q)
        assert (errors == pytest.approx(1 - tv(p, q))) == best
        assert errors >= 1 - tv(p, q) - 1e-12


def test_the_rule_of_bonferroni_never_flags_more_than_benjamini_and_hochberg():
    says(GLOSSARY, "it never flags more than the Benjamini-Hochberg procedure")
    for values in np.random.default_rng(6).uniform(size=(500, 8)) ** 3:
        flagged = stats.false_discovery_control(values) <= 0.05
        assert flagged[values <= 0.05 / 8].all()


def test_the_mean_of_a_sum_of_squares_is_its_degrees_of_freedom():
    says(GLOSSARY, r"the sum of $d$ squared independent standard normals; its mean is $d$")
    squares = np.random.default_rng(7).normal(size=(20_000, 5)) ** 2
    assert squares.sum(axis=1).mean() == pytest.approx(5, abs=0.1)
    assert stats.kstest(squares.sum(axis=1), stats.chi2(5).cdf).pvalue > 0.01


def test_an_epsilon_never_settles():
    says(GLOSSARY, r"contributes about $p \log (p / \varepsilon)$", "grows without end")
    p = [0.5, 0.48, 0.02]
    values = []
    for epsilon in (1e-3, 1e-6, 1e-9, 1e-12):
        q = np.array([0.5, 0.5, 0]) + epsilon
        values.append(kl(p, q / q.sum()))
    assert np.diff(values) == pytest.approx(3 * [0.02 * math.log(1000)], rel=0.03)


def test_the_normal_distributions_by_quadrature():
    says(
        GLOSSARY,
        r"\log \frac{\sigma_Q}{\sigma_P} + \frac{\sigma_P^2 + (\mu_P - \mu_Q)^2}{2 \sigma_Q^2} - "
        r"\frac12",
        r"\tfrac12 \Bigl( \operatorname{tr}(\Sigma_Q^{-1} \Sigma_P) - d + (\mu_P - \mu_Q)^\top "
        r"\Sigma_Q^{-1} (\mu_P - \mu_Q) + \log \frac{\det \Sigma_Q}{\det \Sigma_P} \Bigr)",
        r"With equal widths only $(\mu_P - \mu_Q)^2 / (2 \sigma^2)$ is left",
    )
    for m, s, n, t in ((0, 1, 1, 2), (1, 2, 0, 1), (0, 3, 2, 3)):
        p, q = stats.norm(m, s), stats.norm(n, t)
        exact = integrate.quad(
            lambda x, p=p, q=q: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), m - 12 * s, m + 12 * s
        )[0]
        assert math.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5 == pytest.approx(exact)
    assert exact == pytest.approx((0 - 2) ** 2 / (2 * 3**2))

    mu_p, mu_q = np.array([0.0, 1.0]), np.array([0.5, 0.0])
    cov_p, cov_q = np.array([[1, 0.6], [0.6, 2]]), np.array([[2, -0.3], [-0.3, 1]])
    gap, inverse = mu_p - mu_q, np.linalg.inv(cov_q)
    ratio = np.linalg.det(cov_q) / np.linalg.det(cov_p)
    formula = (np.trace(inverse @ cov_p) - 2 + gap @ inverse @ gap + math.log(ratio)) / 2
    step = 0.05
    x = np.stack(np.meshgrid(*2 * [np.arange(-14, 14, step)]), axis=-1)
    p, q = stats.multivariate_normal(mu_p, cov_p), stats.multivariate_normal(mu_q, cov_q)
    exact = (p.pdf(x) * (p.logpdf(x) - q.logpdf(x))).sum() * step**2
    assert formula == pytest.approx(exact, abs=1e-6)


def test_the_cholesky_factor_gives_the_determinant_where_det_underflows():
    says(GLOSSARY, r"$\log \det \Sigma = 2 \sum_i \log L_{ii}$ never underflows")
    small = 1e-3 * (np.eye(400) + np.full((400, 400), 0.1))
    exact = 400 * math.log(1e-3) + math.log(1 + 400 * 0.1)  # the eigenvalues are known
    assert np.linalg.det(small) == 0
    factor = np.linalg.cholesky(small)
    assert 2 * np.log(np.diag(factor)).sum() == pytest.approx(exact)


def test_psi_is_about_twice_kl_where_the_two_are_nearly_equal():
    says(GLOSSARY, "Where the two are nearly equal it is about twice their KL")
    near = np.array(P) + [0.001, -0.002, 0.001]
    assert jeffreys(P, near) / kl(P, near) == pytest.approx(2, rel=0.02)
