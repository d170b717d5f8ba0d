"""The questions of unit 12: one formula for many divergences, its conjugate, its local law."""

import numpy as np

from klteach.measures import chi_square_divergence
from klteach.practice.common_mistakes import SMALL_NUMBERS
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns
from klteach.units.u12_f_divergences.generators import (
    CHI_SQUARE,
    JENSEN_SHANNON,
    KL,
    REVERSE_KL,
    SQUARED_HELLINGER,
    TOTAL_VARIATION,
)

LESSON = "12_f_divergences"


SIX = (KL, REVERSE_KL, TOTAL_VARIATION, SQUARED_HELLINGER, CHI_SQUARE, JENSEN_SHANNON)
BOUNDED = (TOTAL_VARIATION, SQUARED_HELLINGER, JENSEN_SHANNON)


# E1: one formula for all


def terms(f, p, q):
    """q f(p/q), outcome by outcome; p times the final slope where only q is 0, 0 where both are."""
    result = np.zeros(len(p))
    used, lost = q > 0, (q == 0) & (p > 0)
    result[used] = q[used] * f(p[used] / q[used])
    result[lost] = p[lost] * f.final_slope
    return result


def divergence(f, p, q):
    return terms(f, p, q).sum()


def where_lost(cost):
    """The sum over q > 0, and cost(f, lost) once if p has a mass `lost` where q is 0."""

    def total(f, p, q):
        used = q > 0
        lost = p[~used].sum()
        return np.sum(q[used] * f(p[used] / q[used])) + (cost(f, lost) if lost > 0 else 0.0)

    return total


def over_shared(term):
    """The sum of term(f, p, q) over the outcomes that neither p nor q rules out."""

    def total(f, p, q):
        both = (p > 0) & (q > 0)
        return np.sum(term(f, p[both], q[both]))

    return total


def padded(f, p, q, small):
    return np.sum((q + small) * f(p / (q + small)))


def both_padded(f, p, q, small):
    return np.sum((q + small) * f((p + small) / (q + small)))


def raised(f, p, q, small):
    q = np.maximum(q, small)
    return np.sum(q * f(p / q))


def random_pairs(random):
    """Two pairs without zeros for each generator."""
    return [case(f, *random.dirichlet(np.ones(n), size=2)) for f in SIX for n in (3, 8)]


def pairs_with_zeros(random):
    """An outcome that p rules out, or q, or both; no outcome in common; p = q."""
    cases = [case(f, [0.5, 0.5, 0.0], [0.25, 0.25, 0.5]) for f in SIX]
    cases += [case(f, [0.5, 0.25, 0.25], [0.5, 0.5, 0.0]) for f in SIX]
    cases += [case(f, [0.75, 0.25, 0.0], [0.25, 0.75, 0.0]) for f in SIX]
    cases += [case(f, [0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.25, 0.75]) for f in BOUNDED]
    same = random.dirichlet(np.ones(6))
    return [*cases, *(case(f, same, same, label="p = q") for f in SIX)]


F_DIVERGENCE = Question(
    "f_divergence",
    points=3,
    reference=lambda f, p, q: divergence(f, p, q),
    where_p_is_zero="Where q is 0 there is no ratio p/q: such an outcome adds `p * f.final_slope`, "
    "and nothing if p is 0 as well, so treat it apart. Where only p is 0 the ratio is 0, and the "
    "outcome adds q · f(0).",
    visible=[
        case(KL, [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]),
        case(REVERSE_KL, [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]),
        case(CHI_SQUARE, [0.5, 0.5], [0.25, 0.75], label="a fair coin"),
        case(
            TOTAL_VARIATION,
            [0.4, 0.3, 0.2, 0.1],
            [0.5, 0.5, 0.0, 0.0],
            label="two outcomes that q rules out",
        ),
    ],
    inputs=[random_pairs, pairs_with_zeros],
    mistakes=[
        Mistake(
            "weights p",
            over_shared(lambda f, p, q: p * f(p / q)),
            "You took f at p/q and weighted by p. Ratio and weight must use the same q: the one "
            "below the line is the one that weighs.",
        ),
        Mistake(
            "swapped",
            lambda f, p, q: divergence(f, q, p),
            "Ratio and weight fit together, but p and q have changed places: this is D_f(q‖p). In "
            "D_f(p‖q) the model q weighs, and the ratio is p/q.",
        ),
        Mistake(
            "ratio upside down",
            over_shared(lambda f, p, q: q * f(q / p)),
            "The weights q are right, and f is taken at q/p. Ratio and weight must use the same q: "
            "what weighs stands below the line.",
        ),
        Mistake(
            "weights missing",
            over_shared(lambda f, p, q: f(p / q)),
            "These are the values f(p/q) added up. It is their average under q: each counts as "
            "often as q says.",
        ),
        Mistake(
            "mean",
            (
                lambda f, p, q: terms(f, p, q).mean(),
                over_shared(lambda f, p, q: f(p / q) / len(p)),
            ),
            "Divided by the number of outcomes. An average under q is a sum with the weights q, "
            "which sum to 1 already.",
        ),
        Mistake(
            "f of the average",
            lambda f, p, q: 0.0,
            "Always 0. Was f taken of the average ratio? That is f(1) = 0 for every pair. First f "
            "of each ratio, then the average.",
        ),
        Mistake(
            "absolute terms",
            lambda f, p, q: np.abs(terms(f, p, q)).sum(),
            "You took absolute values of the terms. A term may be negative, as those of KL are; "
            "only their sum never is.",
        ),
        Mistake(
            "negative terms cut",
            lambda f, p, q: np.maximum(terms(f, p, q), 0).sum(),
            "You cut the negative terms off. They are legitimate: a term may be negative, and only "
            "the sum never is.",
        ),
        Mistake(
            "outcomes removed",
            lambda f, p, q: np.where(q > 0, terms(f, p, q), 0).sum(),
            "The outcomes with q = 0 were left out, or they add nothing. They add p times "
            "`f.final_slope`, which is infinite for KL and χ² and a number for others.",
        ),
        Mistake(
            "all infinite",
            lambda f, p, q: np.where((q == 0) & (p > 0), np.inf, terms(f, p, q)).sum(),
            "You made every outcome with q = 0 < p infinite. For KL it is; in general it adds p "
            "times `f.final_slope`, and three of the six have a finite one above 0.",
        ),
        Mistake(
            "slope without p",
            (
                lambda f, p, q: np.where((q == 0) & (p > 0), f.final_slope, terms(f, p, q)).sum(),
                where_lost(lambda f, lost: f.final_slope),
            ),
            "Where q is 0 you added `f.final_slope` itself. How much of p is there? The slope "
            "counts p times.",
        ),
        Mistake(
            "p without slope",
            where_lost(lambda f, lost: lost),
            "Where q is 0 you added p itself. How much that mass costs depends on f: it is p times "
            "`f.final_slope`.",
        ),
        Mistake(
            "f(0) where q is 0",
            (
                where_lost(lambda f, lost: f.value_at_zero),
                where_lost(lambda f, lost: lost * f.value_at_zero),
            ),
            "Where q is 0 you used f(0). There the ratio p/q is not 0 but infinite, and the "
            "outcome adds p times `f.final_slope`.",
        ),
        Mistake(
            "zeros of p removed",
            lambda f, p, q: np.where(p > 0, terms(f, p, q), 0).sum(),
            "The outcomes with p = 0 were left out. For KL they add nothing, since 0 log 0 = 0; in "
            "general they add q · f(0).",
        ),
        Mistake(
            "both zeros removed",
            over_shared(lambda f, p, q: q * f(p / q)),
            "You kept the outcomes alone that neither p nor q rules out. Where only q is 0 an "
            "outcome adds p times `f.final_slope`, and where only p is 0 it adds q · f(0).",
        ),
        Mistake(
            "small number added",
            tuple(
                lambda f, p, q, s=s, form=form: form(f, p, q, s)
                for s in SMALL_NUMBERS
                for form in (padded, both_padded, raised)
            ),
            "A small number stands where p or q is 0. Then that number is the answer wherever the "
            "right one is infinite. `f.final_slope` and f(0) say what belongs there.",
        ),
    ],
    hints=[
        "Which of the two is below the line in the ratio, and which one weighs? And what is left "
        "where that one is 0?",
        "D_f(p‖q) = Σ q f(p/q) over the outcomes with q > 0, plus f.final_slope times the mass "
        "that p has where q is 0, if it has any there",
        "`used = q > 0`, then `total = np.sum(q[used] * f(p[used] / q[used]))`, then "
        "`lost = p[~used].sum()`, and then "
        "`return total + lost * f.final_slope if lost > 0 else total`",
    ],
    insight="One function, and every divergence with a generator is a call of it, the zeros "
    "included: what a zero costs is written in f(0) and in the slope at infinity.",
    lesson=LESSON,
    section="The idea",
)


# E2: the generator of the other direction


def turned(f, t):
    """t f(1/t), and its limit, the final slope of f, where t is 0."""
    result = np.full(len(t), f.final_slope)
    result[t > 0] = t[t > 0] * f(1 / t[t > 0])
    return result


def where_positive(function):
    """function(f, t) where t is positive, and the right value where t is 0."""

    def values(f, t):
        result = turned(f, t)
        result[t > 0] = function(f, t[t > 0])
        return result

    return values


def at_zero(value_of):
    """The right values, but value_of(f) where t is 0."""
    return lambda f, t: np.where(t > 0, turned(f, t), value_of(f))


def reciprocal(f, t):
    with np.errstate(divide="ignore"):
        return 1 / f(t)


def convex_conjugate(e):
    """The largest s t - f(t), which papers on f-GANs call the conjugate: exp(s - 1) for KL."""
    of_kl, *_ = CONJUGATE.visible
    value, wanted = e.values[0], np.exp(of_kl.arguments[1] - 1)
    if value.shape != wanted.shape or not np.allclose(value, wanted, rtol=0.01):
        return None
    return (
        "This is the convex conjugate, the largest s t - f(t) of all t, which f-GANs use. The "
        "question asks for the generator of the other direction, t f(1/t).",
        0,
    )


def random_ratios(random):
    """Ratios on both sides of 1 for each generator, 0 among them."""
    return [
        case(f, np.concatenate([zeros, np.exp(random.normal(size=n))]))
        for f in SIX
        for n, zeros in ((3, []), (6, [0.0]))
    ]


CONJUGATE = Question(
    "conjugate",
    points=2,
    reference=lambda f, t: turned(f, t),
    returns=Returns("an array with one number per ratio", lambda f, t: np.shape(t)),
    visible=[
        case(KL, [0.25, 0.5, 1.0, 2.0, 4.0]),
        case(CHI_SQUARE, [0.5, 1.0, 3.0]),
        case(SQUARED_HELLINGER, [0.0, 0.25, 1.0, 4.0], label="a ratio of 0"),
    ],
    inputs=[random_ratios],
    rows=[convex_conjugate],
    mistakes=[
        Mistake(
            "f itself",
            where_positive(lambda f, t: f(t)),
            "This is f itself. It makes D_f(p‖q) again; for the other direction the ratio must be "
            "turned upside down.",
        ),
        Mistake(
            "factor missing",
            where_positive(lambda f, t: f(1 / t)),
            "f is taken at 1/t, and that is half of it. Under the weights q it gives Σ q f(q/p). "
            "Which factor makes p of the weight q?",
        ),
        Mistake(
            "divided by t",
            where_positive(lambda f, t: f(1 / t) / t),
            "f(1/t) is right, but it was divided by t. The factor has to make p of q, and "
            "p = q · t.",
        ),
        Mistake(
            "ratio not turned",
            where_positive(lambda f, t: t * f(t)),
            "The factor t is right: it makes p of the weight q. But f is taken at t = p/q still, "
            "and the other direction needs q/p.",
        ),
        Mistake(
            "f over t",
            where_positive(lambda f, t: f(t) / t),
            "You divided f(t) by t. Take f at 1/t and multiply by t: it is the ratio that is "
            "turned upside down.",
        ),
        Mistake(
            "both directions",
            lambda f, t: turned(f, t) + f(t),
            "You added f itself. That is the generator of both directions together, as Jeffreys "
            "adds them. The question asks for the other direction alone.",
        ),
        Mistake(
            "nothing at 0",
            at_zero(lambda f: 0.0),
            "Right for every t above 0. At t = 0 you have 0, but as t falls, 1/t grows, and "
            "t · f(1/t) goes to the slope of f at infinity: `f.final_slope`.",
        ),
        Mistake(
            "f(0) at 0",
            at_zero(lambda f: f.value_at_zero),
            "Right for every t above 0. At t = 0 you have f(0). Turned round, 0 and infinity "
            "change places: the value there is `f.final_slope`.",
        ),
        Mistake(
            "infinite at 0",
            at_zero(lambda f: np.inf),
            "Right for every t above 0. At t = 0 you have infinity, whatever f is. It is the slope "
            "of f at infinity, `f.final_slope`, and that is finite for four of the six.",
        ),
        Mistake(
            "reciprocal",
            reciprocal,
            "You took 1/f(t). It is the ratio that is turned upside down, not the function: f at "
            "1/t, times t.",
        ),
        Mistake(
            "minus f",
            lambda f, t: -f(t),
            "This is -f(t). A minus turns nothing round: it bends down, and makes -D_f(p‖q). It is "
            "the ratio that is turned upside down.",
        ),
        Mistake(
            "sign",
            where_positive(lambda f, t: -t * f(1 / t)),
            "Right but for the sign, where t is above 0. A minus would make a function that bends "
            "down, and a negative divergence.",
        ),
    ],
    hints=[
        "D_f(q‖p) is Σ p f(q/p). Write it as Σ q · (something of t = p/q): what are p and q/p "
        "then?",
        "p = q t and q/p = 1/t, so the something is t f(1/t); where t is 0, its limit is "
        "f.final_slope",
        "`values = np.full(len(t), f.final_slope)`, then `above = t > 0`, then "
        "`values[above] = t[above] * f(1 / t[above])`, and then `return values`",
    ],
    insight="A generator that gives itself back, but for a tilt, makes a symmetric divergence: TV, "
    "squared Hellinger, JS. Turned round, f(0) and the slope at infinity change places.",
    lesson=LESSON,
    section="The idea",
)


# E3: up close


CURVATURES = {"KL": 1.0, "JEFFREYS": 2.0, "JENSEN_SHANNON": 0.25, "SQUARED_HELLINGER": 0.5}


def local(curvature, p, q):
    return curvature / 2 * chi_square_divergence(p, q)


def squares_over(p, q, denominator):
    """Σ (p - q)² / denominator; inf where only the denominator is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sum(np.where(p == q, 0.0, (p - q) ** 2 / denominator))


def near_and_far(random):
    """Pairs close together and far apart, for each curvature."""
    cases = []
    for curvature in (*CURVATURES.values(), 7.5):
        q = random.dirichlet(np.full(5, 3.0))
        near = q * (1 + 0.05 * random.choice([-1, 1], size=5))
        cases += [case(curvature, near / near.sum(), q)]
        cases += [case(curvature, random.dirichlet(np.ones(n)), random.dirichlet(np.full(n, 3.0)))
                  for n in (2, 9)]  # fmt: skip
    return [*cases, case(2.0, [0.5, 0.5, 0.0], [0.25, 0.25, 0.5], label="p rules one out")]


LOCAL_LAW = Question(
    "local_law",
    points=2,
    reference=lambda curvature, p, q: local(curvature, p, q),
    visible=[
        case(1.0, [0.7, 0.2, 0.1], [0.1, 0.3, 0.6], label="KL, far apart"),
        case(0.25, [0.52, 0.48], [0.5, 0.5], label="JS, close together"),
        case(2.0, [0.5, 0.3, 0.2], [0.5, 0.3, 0.2], label="p = q"),
    ],
    inputs=[near_and_far],
    mistakes=[
        Mistake(
            "curvature forgotten",
            lambda curvature, p, q: chi_square_divergence(p, q) / 2,
            "Half of χ², whatever f is: the curvature f''(1) is not used. It is what tells one "
            "divergence from another up close.",
        ),
        Mistake(
            "half forgotten",
            lambda curvature, p, q: curvature * chi_square_divergence(p, q),
            "Twice too large: the second term of a Taylor series has a ½ before f''(1).",
        ),
        Mistake(
            "plain chi square",
            lambda curvature, p, q: chi_square_divergence(p, q),
            "This is χ² itself. Before it stand a ½, from the Taylor series, and the curvature "
            "f''(1).",
        ),
        Mistake(
            "divided by p",
            lambda curvature, p, q: curvature / 2 * squares_over(p, q, p),
            "You divided by p. Up close nobody would notice, but χ²(p‖q) divides by q, which "
            "expects the outcome.",
        ),
        Mistake(
            "divided by the middle",
            (
                lambda curvature, p, q: curvature / 2 * squares_over(p, q, (p + q) / 2),
                lambda curvature, p, q: curvature / 2 * squares_over(p, q, p + q),
            ),
            "You divided by p and q together. χ²(p‖q) divides by q alone.",
        ),
        Mistake(
            "not divided",
            lambda curvature, p, q: curvature / 2 * np.sum((p - q) ** 2),
            "The squared differences are not divided by q. A gap of 0.01 is little where q is 0.5 "
            "and much where q is 0.01.",
        ),
        Mistake(
            "divided by q twice",
            lambda curvature, p, q: curvature / 2 * np.sum(((p - q) / q) ** 2),
            "You added up (p/q - 1)² without a weight. Under the weights q one of the two "
            "divisions by q is gone.",
        ),
        Mistake(
            "weighted by p",
            lambda curvature, p, q: curvature / 2 * squares_over(p, q, q**2 / p),
            "You averaged (p/q - 1)² under p. It is its average under q, Σ q (p/q - 1)².",
        ),
        Mistake(
            "curvature squared",
            lambda curvature, p, q: curvature * local(curvature, p, q),
            "The curvature stands in yours twice. It is squared differences that count, and f''(1) "
            "once.",
        ),
        Mistake(
            "absolute differences",
            (
                lambda curvature, p, q: curvature / 2 * np.sum(np.abs(p - q)),
                lambda curvature, p, q: curvature / 2 * np.sum(np.abs(p - q) / q),
            ),
            "Absolute differences stand where squares belong. Half the step makes a quarter of the "
            "divergence, and absolute values make a half.",
        ),
        Mistake(
            "root",
            lambda curvature, p, q: curvature / 2 * np.sqrt(chi_square_divergence(p, q)),
            "You took the root of χ². The local law has χ² itself: it grows with the square of the "
            "step.",
        ),
        Mistake(
            "square of the sum",
            lambda curvature, p, q: 0.0,
            "Always 0. Were the differences p - q added up before they were squared? They cancel: "
            "p and q both sum to 1.",
        ),
        Mistake(
            "mean",
            lambda curvature, p, q: local(curvature, p, q) / len(p),
            "Divided by the number of outcomes. χ² is a sum over the outcomes, not a mean.",
        ),
    ],
    hints=[
        "Near t = 1 a generator without its tilt is a parabola. Which one, and what is its average "
        "under q?",
        "½ f''(1) Σ q (p/q - 1)² = ½ f''(1) Σ (p - q)² / q",
        "`return curvature / 2 * np.sum((p - q) ** 2 / q)`",
    ],
    insight="Up close every smooth f-divergence is χ² times ½ f''(1): 1 for Jeffreys and PSI, ½ "
    "for KL, ⅛ for JS. So a limit for one of them is no limit for another.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [F_DIVERGENCE, CONJUGATE, LOCAL_LAW]
