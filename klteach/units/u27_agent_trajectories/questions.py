"""The questions of unit 27: the KL rate of transitions, what calls are worth, swapped tasks."""

import numpy as np

from klteach.measures import jeffreys_divergence, js_divergence, kl_divergence, normalize, to_bits
from klteach.practice.common_mistakes import SMALL_NUMBERS
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import named_numbers

LESSON = "27_agent_trajectories"


def _kl(p, q):
    """Σ p log(p/q) along the last axis, of shares that need not sum to 1: a mistake's own."""
    return np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / q), 0.0).sum(axis=-1)


# transition_rate: what a step of the current chain adds, from two tables of counts


def tables_of_transitions(random):
    """Tables of walks that begin and end in state 0, so that rows and columns have equal sums."""
    cases = []
    for states, tasks, other in ((3, 6, 9), (3, 12, 5), (4, 15, 40), (5, 60, 25), (8, 40, 40)):
        first, second = random.dirichlet(np.full(states, 0.6), (2, states))
        cases.append(case(_walked(random, first, tasks), _walked(random, second, other)))
    return cases


def _walked(random, chain, tasks):
    counts = np.zeros(chain.shape, dtype=int)
    for _ in range(tasks):
        state = int(random.integers(1, len(chain)))
        counts[0, state] += 1
        for _ in range(int(random.integers(0, 9))):
            after = int(random.choice(len(chain) - 1, p=normalize(chain[state, 1:] + 0.01))) + 1
            counts[state, after] += 1
            state = after
        counts[state, 0] += 1
    return counts


def _rows(counts, alpha=0.5):
    return (counts + alpha) / (counts + alpha).sum(axis=1, keepdims=True)


def _weights(counts, alpha=0.5):
    return (counts + alpha).sum(axis=1) / (counts + alpha).sum()


def _rate(current, baseline, alpha=0.5):
    return _weights(current, alpha) @ kl_divergence(_rows(current, alpha), _rows(baseline, alpha))


def transition_rate(current, baseline):
    return _rate(current, baseline)


def _by_half_once(counts):
    return (counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 0.5)


def _half_once(current, _):
    return normalize(current.sum(axis=1) + 0.5)


def _of_all_cells(counts):
    """The shares of all cells of a table, each with its ½."""
    return (counts + 0.5) / (counts + 0.5).sum()


def _row_kls(current, baseline):
    return kl_divergence(_rows(current), _rows(baseline))


def _unsmoothed(current, baseline):
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = (side / side.sum(axis=1, keepdims=True) for side in (current, baseline))
        return _weights(current, 0) @ (p * np.log(p / q)).sum(axis=1)


def _padded(current, baseline, x):
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = (side / side.sum(axis=1, keepdims=True) for side in (current, baseline))
        return _weights(current, 0) @ (p * np.log((p + x) / (q + x))).sum(axis=1)


def _half_on_shares(current, baseline):
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = (normalize(s / s.sum(axis=1, keepdims=True) + 0.5) for s in (current, baseline))
    return _weights(current, 0) @ kl_divergence(p, q)


def _one_side(current, baseline, alpha_p, alpha_q):
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = _rows(current, alpha_p), _rows(baseline, alpha_q)
        return _weights(current, alpha_p) @ np.nansum(p * np.log(p / q), axis=1)


def _smoothed_inside_only(current, baseline):
    """½ in the numerators alone: rows that sum to more than 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = ((s + 0.5) / s.sum(axis=1, keepdims=True) for s in (current, baseline))
        return _weights(current, 0) @ _kl(p, q)


TRANSITION_RATE = Question(
    "transition_rate",
    points=2,
    reference=transition_rate,
    unit="nats",
    visible=[
        case([[0, 3], [3, 5]], [[0, 6], [6, 1]], label="one tool, called again and again"),
        case([[1, 4], [4, 0]], [[0, 5], [5, 3]], label="a task in which nothing is called"),
        case([[0, 1], [1, 0]], [[0, 1], [1, 0]], label="the same table"),
    ],
    inputs=[tables_of_transitions],
    mistakes=[
        Mistake(
            "the whole table",
            lambda current, baseline: kl_divergence(
                normalize((current + 0.5).ravel()), normalize((baseline + 0.5).ravel())
            ),
            "You divided each table by its one total. That is the KL of transitions as a "
            "histogram: it holds how often each state comes as well as what follows it. The rate "
            "asks only what follows: divide each row by its own sum.",
        ),
        Mistake(
            "states alone",
            lambda current, baseline: kl_divergence(_weights(current), _weights(baseline)),
            "This compares how often the states come, and not what follows them. The row sums are "
            "the weights; what they weigh is the KL of each row.",
        ),
        Mistake(
            "weights of the baseline",
            lambda current, baseline: _weights(baseline) @ _row_kls(current, baseline),
            "The rows are weighted by how often the baseline is in each state. The samples come "
            "from the current tasks: how often are *they* in state i?",
        ),
        Mistake(
            "every row the same weight",
            lambda current, baseline: _row_kls(current, baseline).mean(),
            "Every row has the same weight here, so a tool that is called once counts as much as "
            "the busiest one. Weigh row i by how often the current tasks are in state i.",
        ),
        Mistake(
            "rows added up",
            (
                lambda current, baseline: _row_kls(current, baseline).sum(),
                lambda current, baseline: (current + 0.5).sum(axis=1) @ _row_kls(current, baseline),
                lambda current, baseline: current.sum(axis=1) @ _row_kls(current, baseline),
            ),
            "The weights do not sum to 1: the rows were added up as they are, or times their "
            "counts. A rate is an average over steps.",
        ),
        Mistake(
            "weights without the half",
            lambda current, baseline: _weights(current, 0) @ _row_kls(current, baseline),
            "The rows are smoothed and the weights are not: they come from the plain counts. Take "
            "the row sums after adding ½, so that both speak of one chain.",
        ),
        Mistake(
            "first state only",
            (
                lambda current, baseline: _row_kls(current, baseline)[0],
                lambda current, baseline: (_weights(current) * _row_kls(current, baseline))[0],
            ),
            "This is the part of one row, the beginnings of tasks. All rows count, each by its "
            "weight. (A `return` inside the loop ends it at the first row.)",
        ),
        Mistake(
            "between tasks left out",
            lambda current, baseline: _rate(current[1:, 1:], baseline[1:, 1:]),
            "State 0, between the tasks, was left out. How tasks begin and end is then gone, and "
            "what is left is no chain that comes back to where it began.",
        ),
        Mistake(
            "half once a row",
            (
                lambda current, baseline: (
                    _half_once(current, baseline)
                    @ _kl(_by_half_once(current), _by_half_once(baseline))
                ),
                lambda current, baseline: (
                    _weights(current) @ _kl(_by_half_once(current), _by_half_once(baseline))
                ),
                lambda current, baseline: (
                    _weights(current, 0) @ _kl(_by_half_once(current), _by_half_once(baseline))
                ),
            ),
            "The sum of a row grew by one ½. There is a ½ for each of its k cells, so its shares "
            "now sum to more than 1.",
        ),
        Mistake(
            "absolute terms",
            lambda current, baseline: (
                _weights(current)
                @ np.abs(_rows(current) * np.log(_rows(current) / _rows(baseline))).sum(axis=1)
            ),
            "You added the sizes of the terms, without their signs. A term is negative where a "
            "transition became rarer, and rightly so.",
        ),
        Mistake(
            "rows divided across",
            lambda current, baseline: (
                _weights(current)
                @ _kl(
                    (current + 0.5) / (current + 0.5).sum(axis=1),
                    (baseline + 0.5) / (baseline + 0.5).sum(axis=1),
                )
            ),
            "The sums of the rows have shape (k,), so NumPy divided column j by the sum of row j "
            "and no row sums to 1. Keep the axis: `keepdims=True`, or `[:, None]`.",
        ),
        Mistake(
            "rows divided by the total",
            lambda current, baseline: (
                _weights(current) @ _kl(_of_all_cells(current), _of_all_cells(baseline))
            ),
            "Each table was divided by its one total, and its rows were weighted on top of that. "
            "A row of the table has to sum to 1 before it is a law: divide by its own sum.",
        ),
        Mistake(
            "not smoothed",
            (_unsmoothed, lambda current, baseline: _one_side(current, baseline, 0.0, 0.0)),
            "These are the plain counts. A transition that one side has never made leaves "
            "0·log 0 or a division by 0. Add ½ to every cell of both tables first.",
        ),
        Mistake(
            "eps on shares",
            (
                *(lambda c, b, x=x: _padded(c, b, x) for x in SMALL_NUMBERS),
                *(lambda c, b, x=x: _rate(c, b, x) for x in SMALL_NUMBERS),
            ),
            "A tiny number was added in place of ½. A transition that the baseline lacks then "
            "costs log(1/that number), which you typed: divide it by a thousand, and look.",
        ),
        Mistake(
            "half on shares",
            _half_on_shares,
            "You divided first and added ½ to the shares. There ½ is no number of sightings: a "
            "row of a thousand steps is flattened as much as a row of two. Add to the counts.",
        ),
        Mistake(
            "half in the numerators only",
            _smoothed_inside_only,
            "½ went into every count, and the rows were divided by their old sums. A row of k "
            "cells grew by k/2, so its shares now sum to more than 1.",
        ),
        Mistake(
            "only where zero",
            lambda current, baseline: (
                _weights(np.where(current == 0, 0.5, current), 0)
                @ kl_divergence(
                    *(_rows(np.where(side == 0, 0.5, side), 0) for side in (current, baseline))
                )
            ),
            "Only the zeros got their ½, so a transition that was never seen counts as half of one "
            "that was seen once. Every count gets the same.",
        ),
        Mistake(
            "half shared out",
            (
                lambda current, baseline: _rate(current, baseline, 0.5 / len(current)),
                lambda current, baseline: _rate(current, baseline, 0.5 / current.size),
            ),
            "You shared one ½ out over the cells. Every cell gets a whole one.",
        ),
        Mistake(
            "mean of the terms",
            lambda current, baseline: _rate(current, baseline) / len(current),
            "Within a row, or over the rows, a mean stands where a sum belongs: the shares are "
            "weights already, and you divided by the number of states once more.",
        ),
        Mistake(
            "weights of both sides",
            (
                lambda current, baseline: (
                    _weights(current + baseline, 1) @ _row_kls(current, baseline)
                ),
                lambda current, baseline: (
                    (_weights(current) + _weights(baseline)) / 2 @ _row_kls(current, baseline)
                ),
            ),
            "The rows are weighted by both sides together. The steps come from the current tasks "
            "alone: how often are they in state i?",
        ),
        Mistake(
            "one smoothed",
            lambda current, baseline: _rate(current, baseline, 1.0),
            "You added 1 to each cell. The question asks for ½.",
        ),
        Mistake(
            "baseline smoothed only",
            lambda current, baseline: _one_side(current, baseline, 0.0, 0.5),
            "Only the baseline got its ½. Then two equal tables differ. Both sides are smoothed.",
        ),
        Mistake(
            "current smoothed only",
            lambda current, baseline: _one_side(current, baseline, 0.5, 0.0),
            "Only the current table got its ½, so a step that the baseline never made is infinite "
            "still. Both sides are smoothed.",
        ),
        Mistake(
            "swapped",
            lambda current, baseline: _rate(baseline, current),
            "The arguments are swapped: this is the rate of the baseline against the current "
            "chain. P is the current one, which supplies the steps and stands first.",
        ),
        Mistake(
            "weighted by q",
            (
                lambda current, baseline: (
                    _weights(current) @ kl_divergence(_rows(baseline), _rows(current))
                ),
                lambda current, baseline: (
                    -_weights(current) @ kl_divergence(_rows(baseline), _rows(current))
                ),
            ),
            "In each row q stands in front of the logarithm, which makes it KL(q‖p), perhaps with "
            "a minus. The current row p supplies the steps: Σ p log(p/q).",
        ),
        Mistake(
            "PSI",
            lambda current, baseline: (
                _weights(current) @ jeffreys_divergence(_rows(current), _rows(baseline))
            ),
            "Each row has both directions, added. The question asks for KL(P_i‖Q_i).",
        ),
        Mistake(
            "jensen-shannon",
            lambda current, baseline: (
                _weights(current) @ js_divergence(_rows(current), _rows(baseline))
            ),
            "Each row was compared with the mean of the two: that is Jensen-Shannon. The question "
            "asks for KL(P_i‖Q_i).",
        ),
        Mistake(
            "bits",
            lambda current, baseline: to_bits(_rate(current, baseline)),
            "Right but for the unit: this is in bits, and the question asks for nats.",
        ),
        Mistake(
            "for a whole task",
            (
                lambda current, baseline: _rate(current, baseline) / _weights(current)[0],
                lambda current, baseline: (
                    _rate(current, baseline) * current.sum() / current[0].sum()
                ),
            ),
            "This is per task: the rate times the steps of a task. The question asks for the rate, "
            "nats per step.",
        ),
    ],
    hints=[
        "If a tool is called in one step of a thousand, how much should its row count?",
        "P_i = row i with ½ in each cell, divided by its sum; π_i = that sum over the sum of all "
        "cells; the rate is Σ π_i KL(P_i‖Q_i)",
        "`p, q = current + 0.5, baseline + 0.5` and `weights = p.sum(axis=1) / p.sum()`, then "
        "`p, q = (side / side.sum(axis=1, keepdims=True) for side in (p, q))` and "
        "`return np.sum(weights * np.sum(p * np.log(p / q), axis=1))`",
    ],
    insight="Row sums are the stationary law here, with no eigenvector: every task ends where it "
    "began, between tasks, so each state is entered as often as it is left.",
    lesson=LESSON,
)


# worth_in_calls: how many independent calls the calls of these tasks are worth


def calls_of_tasks(random):
    """Tasks of different lengths: from a tool that comes in bursts to one that comes once each."""
    cases = []
    for tasks, burst in ((5, 0.3), (8, 0.5), (12, 2.0), (30, 0.2), (60, 0.6)):
        calls = random.integers(2, 15, tasks)
        likely = random.beta(burst, 2 * burst, tasks)
        hits = random.binomial(calls, likely)
        hits[0], hits[1] = calls[0] - 1, 0
        cases.append(case(hits, calls))
    calls = random.integers(3, 9, 20)
    return [*cases, case((random.random(20) < 0.8).astype(int), calls, label="once a task")]


def _share(hits, calls):
    return hits.sum() / calls.sum()


def _variance(hits, calls, share=None, factor=None):
    share = _share(hits, calls) if share is None else share
    tasks = len(hits)
    factor = tasks / (tasks - 1) if factor is None else factor
    return factor * np.sum((hits - share * calls) ** 2) / calls.sum() ** 2


def worth_in_calls(hits, calls):
    share = _share(hits, calls)
    return share * (1 - share) / _variance(hits, calls)


def _with_mean_of_shares(hits, calls):
    share = np.mean(hits / calls)
    return share * (1 - share) / _variance(hits, calls, share)


def _from_shares_of_tasks(hits, calls, ddof):
    share = _share(hits, calls)
    return share * (1 - share) / (np.var(hits / calls, ddof=ddof) / len(hits))


def _from_mean_shares(hits, calls, ddof):
    share = np.mean(hits / calls)
    return share * (1 - share) / (np.var(hits / calls, ddof=ddof) / len(hits))


def _parts(hits, calls):
    share = _share(hits, calls)
    return share, share * (1 - share), _variance(hits, calls)


def deviations_cancel(e):
    """The square of a sum in place of the sum of squares: 0 but for rounding."""
    values = np.abs(np.array(e.values, dtype=float))
    if not (values > 1e12).all():
        return None
    return (
        "Your variance is 0 but for rounding, so the calls seem to be worth any number. Over all "
        "tasks x_t - s n_t adds up to 0: square each one, and then add.",
        e.small(e.wrong),
    )


WORTH_IN_CALLS = Question(
    "worth_in_calls",
    points=2,
    reference=worth_in_calls,
    rows=[deviations_cancel],
    visible=[
        case([4, 0, 0, 0], [4, 4, 4, 4], label="one task makes all the calls of the tool"),
        case([1, 1, 2, 1], [4, 5, 6, 4], label="about one call in each task"),
        case([3, 0, 1], [6, 2, 4], label="tasks of different length"),
    ],
    inputs=[calls_of_tasks],
    mistakes=[
        Mistake(
            "all calls",
            lambda hits, calls: calls.sum(),
            "This is the number of calls, as if each had been drawn by itself. They came in tasks: "
            "how much do the tasks scatter around the common share?",
        ),
        Mistake(
            "number of tasks",
            lambda hits, calls: len(hits),
            "This is the number of tasks. That is what the calls are worth if a task makes one "
            "choice and repeats it, and here it need not be so. Compute the scatter.",
        ),
        Mistake(
            "hits counted",
            lambda hits, calls: hits.sum(),
            "This is how often the tool was called. Its variance over tasks is missing.",
        ),
        Mistake(
            "T over T - 1 forgotten",
            lambda hits, calls: (
                _share(hits, calls) * (1 - _share(hits, calls)) / _variance(hits, calls, factor=1)
            ),
            "The factor T/(T - 1) is missing from the variance. The common share was fitted to the "
            "same tasks, so they scatter too little around it.",
        ),
        Mistake(
            "T - 1 over T",
            lambda hits, calls: (
                _share(hits, calls)
                * (1 - _share(hits, calls))
                / _variance(hits, calls, factor=(len(hits) - 1) / len(hits))
            ),
            "The factor T/(T - 1) stands upside down. The correction makes the variance larger.",
        ),
        Mistake(
            "T over T + 1",
            lambda hits, calls: (
                _parts(hits, calls)[1] / _variance(hits, calls, factor=len(hits) / (len(hits) + 1))
            ),
            "The factor is T/(T + 1), which makes the variance smaller. One task's freedom is "
            "spent on the common share, so T - 1 stands below.",
        ),
        Mistake(
            "one over T - 1",
            (
                lambda hits, calls: (
                    _parts(hits, calls)[1] / _variance(hits, calls, factor=1 / (len(hits) - 1))
                ),
                lambda hits, calls: (
                    _parts(hits, calls)[1] / _variance(hits, calls, factor=1 / len(hits))
                ),
            ),
            "The squares were averaged over the tasks, and then divided by N² all the same. In "
            "v they are added: Σ (x_t - s n_t)², times T/(T - 1).",
        ),
        Mistake(
            "mean of the tasks' shares",
            _with_mean_of_shares,
            "For s you took the mean of the tasks' own shares, so a task of two calls weighs as "
            "much as one of twenty. s is the share of all calls: Σ x over Σ n.",
        ),
        Mistake(
            "scatter of the tasks' shares",
            tuple(
                lambda hits, calls, ddof=ddof, function=function: function(hits, calls, ddof)
                for ddof in (0, 1)
                for function in (_from_shares_of_tasks, _from_mean_shares)
            ),
            "You took the variance of the tasks' own shares x/n. Short tasks scatter more and "
            "count less than that says. Use x_t - s n_t, which weighs a task by its length.",
        ),
        Mistake(
            "deviations of shares",
            (
                lambda hits, calls: (
                    _parts(hits, calls)[1]
                    / (
                        len(hits)
                        / (len(hits) - 1)
                        * np.sum((hits / calls - _share(hits, calls)) ** 2)
                        / calls.sum() ** 2
                    )
                ),
                lambda hits, calls: (
                    _parts(hits, calls)[1]
                    / (
                        np.sum((hits / calls - _share(hits, calls)) ** 2)
                        / (len(hits) * (len(hits) - 1))
                    )
                ),
            ),
            "You took x_t/n_t - s, how far the share of a task is off. A long task counts more: "
            "take how many calls it is off, x_t - s n_t.",
        ),
        Mistake(
            "N over N - 1",
            lambda hits, calls: (
                _parts(hits, calls)[1]
                / _variance(hits, calls, factor=calls.sum() / (calls.sum() - 1))
            ),
            "The factor counts calls, N/(N - 1). It was tasks that were drawn: T/(T - 1).",
        ),
        Mistake(
            "not squared",
            (
                lambda hits, calls: (
                    _parts(hits, calls)[1]
                    / (
                        len(hits)
                        / (len(hits) - 1)
                        * np.abs(hits - _share(hits, calls) * calls).sum()
                        / calls.sum() ** 2
                    )
                ),
            ),
            "The deviations x_t - s n_t were added by their size. A variance adds their squares.",
        ),
        Mistake(
            "N not squared",
            lambda hits, calls: _parts(hits, calls)[1] / (_parts(hits, calls)[2] * calls.sum()),
            "The sum of squares was divided by N once (or the right number by N). s is a sum over "
            "N, so its variance has N²; and the question asks for a number of calls.",
        ),
        Mistake(
            "root of the variance",
            lambda hits, calls: _parts(hits, calls)[1] / np.sqrt(_parts(hits, calls)[2]),
            "Below stands the standard error. s(1 - s)/n is a variance, so it is compared with v "
            "and not with its root.",
        ),
        Mistake(
            "spread for variance",
            lambda hits, calls: np.sqrt(_parts(hits, calls)[1]) / np.sqrt(_parts(hits, calls)[2]),
            "This is a ratio of two standard deviations. Square it: the number of calls is a ratio "
            "of variances.",
        ),
        Mistake(
            "1 - s forgotten",
            lambda hits, calls: _share(hits, calls) / _parts(hits, calls)[2],
            "s stands where s(1 - s) belongs: one call, hit or not, has that variance.",
        ),
        Mistake(
            "one over v",
            lambda hits, calls: 1 / _parts(hits, calls)[2],
            "This is 1/v. One call by itself has the variance s(1 - s), and n of them have 1/n of "
            "it: for which n is that v?",
        ),
        Mistake(
            "variance itself",
            (
                lambda hits, calls: _parts(hits, calls)[2],
                lambda hits, calls: np.sqrt(_parts(hits, calls)[2]),
            ),
            "This is how far the share scatters: v, or its root. The question asks how many "
            "independent calls would scatter as much.",
        ),
        Mistake(
            "share itself",
            lambda hits, calls: _share(hits, calls),
            "This is the share of the tool. The question asks what the calls are worth.",
        ),
        Mistake(
            "upside down",
            lambda hits, calls: 1 / worth_in_calls(hits, calls),
            "The ratio stands upside down: s(1 - s)/n = v gives n = s(1 - s)/v.",
        ),
        Mistake(
            "design effect",
            (
                lambda hits, calls: calls.sum() / worth_in_calls(hits, calls),
                lambda hits, calls: calls.sum() * (calls.sum() / worth_in_calls(hits, calls)),
            ),
            "This sets all calls against what they are worth, which is called a design effect, or "
            "multiplies them by it. The question asks what they are worth: a number of calls.",
        ),
        Mistake(
            "of all tasks alike",
            (
                lambda hits, calls: (
                    _parts(hits, calls)[1] / (np.var(hits, ddof=1) * len(hits) / calls.sum() ** 2)
                ),
                lambda hits, calls: (
                    _parts(hits, calls)[1] / (np.var(hits) * len(hits) / calls.sum() ** 2)
                ),
            ),
            "You took how the calls of the tool scatter, x, from task to task. A long task makes "
            "more of all calls: what is unusual is x_t - s n_t.",
        ),
        Mistake(
            "rounded",
            lambda hits, calls: np.round(worth_in_calls(hits, calls)),
            "Rounded to a whole number. What calls are worth need not be whole.",
        ),
        Mistake(
            "cut off at N",
            lambda hits, calls: min(calls.sum(), worth_in_calls(hits, calls)),
            "You let it be at most the number of calls. Calls of tasks can be worth more: a tool "
            "that comes exactly once in every task hardly scatters at all.",
        ),
    ],
    hints=[
        "If one task made all calls of the tool, how many decisions did you see?",
        "v = T/(T - 1) · Σ (x_t - s n_t)² / N² with s = Σ x / N, and s(1 - s)/n = v solved for n",
        "`s, T, N = hits.sum() / calls.sum(), len(hits), calls.sum()`, then "
        "`v = T / (T - 1) * np.sum((hits - s * calls) ** 2) / N**2`, then "
        "`return s * (1 - s) / v`",
    ],
    insight="It is no constant of the log: a tool that comes in bursts is worth few calls, one "
    "that every task needs once is worth more than it has. Ask for each number that you report.",
    lesson=LESSON,
)


# swap_test: the null of paired tasks


def paired_tasks(random):
    """Pairs of tasks with most calls alike.

    No draw here comes as far as the data to the last digit: there the order of a sum would decide.
    The visible cases have such ties, of two tools and of tasks that are the same. Fewer than half
    of the tasks change sides, so that it matters which of them do.
    """
    cases = []
    for tasks, tools, draws in ((4, 3, 9), (6, 3, 30), (12, 5, 24), (25, 6, 40), (25, 4, 19)):
        baseline = random.poisson(1.2, (tasks, tools))
        current = baseline.copy()
        current[:, 0] += random.binomial(1, 0.4, tasks)
        baseline[:, 0] += random.binomial(1, 0.25, tasks)
        current[:, 1] += random.binomial(1, 0.2, tasks)
        baseline[:, -1] += random.binomial(1, 0.2, tasks)
        signs = np.where(random.random((20 * draws, tasks)) < 0.3, -1, 1)
        gaps = np.abs(_null(current, baseline, signs) - _observed(current, baseline))
        cases.append(case(current, baseline, signs[gaps > 1e-9][:draws]))
    return cases


def _of_sums(current, baseline, alpha=0.5):
    return kl_divergence(normalize(current + alpha), normalize(baseline + alpha))


def _observed(current, baseline):
    """In the same way as the null, so that a tie is one."""
    return _null(current, baseline, np.ones((1, len(current)), dtype=int))[0]


def _swapped(current, baseline, signs):
    """(currents, baselines), the summed counts after each row of signs: (D, k) each."""
    chosen = signs[:, :, None] < 0
    return (
        np.where(chosen, baseline, current).sum(axis=1),
        np.where(chosen, current, baseline).sum(axis=1),
    )


def _null(current, baseline, signs):
    return _of_sums(*_swapped(current, baseline, signs))


def _p_value(null, observed, above=1, below=1):
    return (above + np.sum(null >= observed)) / (below + len(null))


def swap_test(current, baseline, signs):
    observed = _observed(current, baseline)
    return [observed, _p_value(_null(current, baseline, signs), observed)]


def _with_null(function):
    """The right divergence, with the null of a mistake."""

    def test(current, baseline, signs):
        observed = _observed(current, baseline)
        return [observed, _p_value(function(current, baseline, signs), observed)]

    return test


def _with_p(function):
    """The right divergence and the right null, with the p-value of a mistake."""

    def test(current, baseline, signs):
        observed = _observed(current, baseline)
        return [observed, function(_null(current, baseline, signs), observed)]

    return test


def _with_divergence(divergence):
    """Another divergence of two sums throughout."""

    def test(current, baseline, signs):
        observed = divergence(current.sum(axis=0), baseline.sum(axis=0))
        return [observed, _p_value(divergence(*_swapped(current, baseline, signs)), observed)]

    return test


def _one_side_swapped(current, baseline, signs):
    moved, _ = _swapped(current, baseline, signs)
    return _of_sums(moved, baseline.sum(axis=0))


def _other_side_swapped(current, baseline, signs):
    _, moved = _swapped(current, baseline, signs)
    return _of_sums(current.sum(axis=0), moved)


def _left_out(current, baseline, signs):
    """The tasks that are to be swapped are left out of both sides."""
    kept = signs > 0
    return _of_sums(kept @ current, kept @ baseline)


def _tools_added_up(current, baseline, signs):
    """The calls of each task compared, and not those of each tool."""
    p, q = current.sum(axis=1), baseline.sum(axis=1)
    signs = np.vstack([np.ones_like(signs[:1]), signs])
    observed, *null = _of_sums(np.where(signs < 0, q, p), np.where(signs < 0, p, q))
    return [observed, _p_value(np.array(null), observed)]


def _signs_as_factors(current, baseline, signs):
    with np.errstate(invalid="ignore", divide="ignore"):
        p, q = (side + 0.5 for side in (signs @ current, signs @ baseline))
        p, q = (side / side.sum(axis=1, keepdims=True) for side in (p, q))
        return (p * np.log(p / q)).sum(axis=1)


def _task_by_task(current, baseline, signs):
    """The mean of the tasks' own divergences, in place of that of the sums."""
    observed = _of_sums(current, baseline).mean()
    chosen = signs[:, :, None] < 0
    null = _of_sums(np.where(chosen, baseline, current), np.where(chosen, current, baseline)).mean(
        axis=1
    )
    return [observed, _p_value(null, observed)]


def _half_in_each_task(current, baseline, signs):
    """½ in every task, which comes to T halves in the sums."""
    return _with_divergence(lambda p, q: _of_sums(p, q, 0.5 * len(current)))(
        current, baseline, signs
    )


def one_number_right(e):
    """Which of the two numbers is right on every input."""
    values, references = np.array(e.values), np.array(e.references)
    right = np.isclose(values, references, rtol=e.question.tolerance, atol=1e-12).all(axis=0)
    if right[0]:
        return (
            "Your divergence is right on every input, the p-value is not. Is there one draw for "
            "each row of `signs`, in which whole tasks change sides exactly where it has -1?",
            e.small(e.wrong),
        )
    if right[1]:
        return (
            "Your p-value is right on every input, the divergence is not. Of which sums is it, "
            "what was added to them, and which side stands first?",
            e.small(e.wrong),
        )
    return None


SWAP_TEST = Question(
    "swap_test",
    points=3,
    reference=swap_test,
    returns=named_numbers("the divergence", "the p-value"),
    rows=[one_number_right],
    exchangeable=False,
    visible=[
        case(
            [[3, 0], [4, 0]],
            [[1, 2], [1, 3]],
            [[1, 1], [-1, 1], [-1, -1], [1, -1]],
            label="two tasks, both with more of the first tool",
        ),
        case(
            [[1, 1], [1, 1]],
            [[9, 1], [1, 1]],
            [[1, -1], [-1, 1], [1, 1]],
            label="one of two tasks differs",
        ),
        case(
            [[1, 2, 0], [0, 1, 1]],
            [[1, 2, 0], [0, 1, 1]],
            [[-1, 1], [1, -1]],
            label="the same tasks twice",
        ),
    ],
    inputs=[paired_tasks],
    mistakes=[
        Mistake(
            "the observed one not counted",
            _with_p(lambda null, observed: np.mean(null >= observed)),
            "The data as they are were not counted among the draws. Without drift they are one of "
            "them: 1 above the line and 1 below.",
        ),
        Mistake(
            "one only below",
            _with_p(lambda null, observed: _p_value(null, observed, 0, 1)),
            "The 1 is below the line only. The data as they are reach their own divergence, so "
            "they count above as well.",
        ),
        Mistake(
            "one only above",
            _with_p(lambda null, observed: _p_value(null, observed, 1, 0)),
            "The 1 is above the line only, so the p-value can exceed 1.",
        ),
        Mistake(
            "ties left out",
            (
                _with_p(lambda null, observed: (1 + np.sum(null > observed)) / (1 + len(null))),
                _with_p(lambda null, observed: np.mean(null > observed)),
                _with_p(
                    lambda null, observed: (1 + np.sum(null > observed + 1e-12)) / (1 + len(null))
                ),
            ),
            "A swap that gives exactly the observed divergence was not counted. It is as extreme: "
            "≥, not >.",
        ),
        Mistake(
            "the other side",
            (
                _with_p(lambda null, observed: (1 + np.sum(null <= observed)) / (1 + len(null))),
                _with_p(lambda null, observed: (1 + np.sum(null < observed)) / (1 + len(null))),
                _with_p(lambda null, observed: np.mean(null <= observed)),
                _with_p(lambda null, observed: np.mean(null < observed)),
                _with_p(lambda null, observed: 1 - _p_value(null, observed)),
            ),
            "You counted the draws that come out nearer. Drift makes the divergence large: count "
            "those that are as large or larger.",
        ),
        Mistake(
            "one side swapped",
            (_with_null(_one_side_swapped), _with_null(_other_side_swapped)),
            "Only one side was changed, so a swapped task stands on both sides or on none. A "
            "swap moves two tasks: the current one to the baseline, the baseline's to the current. "
            "(In place, the first move overwrites what the second one needs: keep a copy.)",
        ),
        Mistake(
            "left out",
            _with_null(_left_out),
            "The chosen tasks were left out of both sides. They stay in, with their sides "
            "exchanged.",
        ),
        Mistake(
            "signs upside down",
            (
                _with_null(lambda current, baseline, signs: _null(current, baseline, -signs)),
                _with_null(
                    lambda current, baseline, signs: _of_sums(
                        *_swapped(current, baseline, signs)[::-1]
                    )
                ),
            ),
            "Tasks were exchanged where `signs` has 1, or the swapped sides stand in the other "
            "order, which comes to the same. Where it has 1, a task stays; at -1 it changes sides.",
        ),
        Mistake(
            "swaps pile up",
            _with_null(
                lambda current, baseline, signs: _null(current, baseline, np.cumprod(signs, axis=0))
            ),
            "Each draw begins where the last one ended: the tasks were exchanged in place and not "
            "put back. Begin each row with fresh copies of both sides.",
        ),
        Mistake(
            "signs as factors",
            _with_null(_signs_as_factors),
            "The counts were multiplied by ±1 and added up, so a task with -1 is taken away from "
            "its own side. It has to go over to the other one.",
        ),
        Mistake(
            "both sides",
            _with_p(
                lambda null, observed: min(
                    1.0, 2 * min(np.mean(null >= observed), np.mean(null <= observed))
                )
            ),
            "You doubled the smaller side. Two sides that are nearer than usual are no drift: "
            "count the draws that are as large or larger.",
        ),
        Mistake(
            "tools added up",
            _tools_added_up,
            "You added the tools of each task up, and not the tasks of each tool: this compares "
            "how many calls the tasks make. Rows are tasks, so add along `axis=0`.",
        ),
        Mistake(
            "swapped",
            _with_divergence(lambda current, baseline: _of_sums(baseline, current)),
            "Both divergences are the wrong way round: KL(baseline‖current). The current tasks "
            "supply the samples and stand first.",
        ),
        Mistake(
            "task by task",
            _task_by_task,
            "You took a divergence for each task and then their mean. A task has a handful of "
            "calls, so that is mostly ½. Add the calls of all tasks up first.",
        ),
        Mistake(
            "half in each task",
            _half_in_each_task,
            "½ weighs T times too much. It went into each task before they were added up, or into "
            "their mean, which comes to the same. Add the tasks up first, then ½ to each sum.",
        ),
        Mistake(
            "not smoothed",
            _with_divergence(
                lambda current, baseline: _kl(normalize(current), normalize(baseline))
            ),
            "The counts were not smoothed. Add ½ to each sum on both sides, for the draws as for "
            "the data.",
        ),
        Mistake(
            "smoothed by one",
            _with_divergence(lambda current, baseline: _of_sums(current, baseline, 1.0)),
            "You added 1 to each sum. The question asks for ½.",
        ),
        Mistake(
            "PSI",
            _with_divergence(
                lambda current, baseline: jeffreys_divergence(
                    normalize(current + 0.5), normalize(baseline + 0.5)
                )
            ),
            "This is PSI, both directions added. The question asks for KL(current‖baseline).",
        ),
        Mistake(
            "bits",
            lambda current, baseline, signs: (
                np.array(swap_test(current, baseline, signs)) / np.array([np.log(2), 1])
            ),
            "The divergence is in bits, and the question asks for nats. The p-value does not care.",
        ),
        Mistake(
            "threshold",
            lambda current, baseline, signs: [
                _observed(current, baseline),
                np.quantile(_null(current, baseline, signs), 0.95),
            ],
            "Beside the divergence stands the threshold from the draws. The question asks for the "
            "p-value.",
        ),
        Mistake(
            "how many",
            (
                _with_p(lambda null, observed: np.sum(null >= observed)),
                _with_p(lambda null, observed: 1 + np.sum(null >= observed)),
            ),
            "This is how many draws are as large or larger. A p-value is a share.",
        ),
        Mistake(
            "mean of the null",
            lambda current, baseline, signs: [
                _observed(current, baseline),
                _null(current, baseline, signs).mean(),
            ],
            "Beside the divergence stands the mean over the draws. How many of them reach it?",
        ),
        Mistake(
            "order",
            lambda current, baseline, signs: swap_test(current, baseline, signs)[::-1],
            "The right two numbers in the other order: the divergence first, then the p-value.",
        ),
    ],
    hints=[
        "If nothing has changed, which of a task's two versions is the current one?",
        "In each row of `signs` exchange the tasks that have -1, add the tasks up, and take KL "
        "with ½ in each sum; p = (1 + number of D_d ≥ D) / (1 + number of rows)",
        "`share = lambda n: (n + 0.5) / np.sum(n + 0.5)`, "
        "`kl = lambda a, b: np.sum(share(a) * np.log(share(a) / share(b)))`, "
        "`pick = lambda one, a, b: np.where(one[:, None] < 0, a, b).sum(axis=0)`, "
        "`found = kl(current.sum(axis=0), baseline.sum(axis=0))`, "
        "`pair = lambda one: kl(pick(one, baseline, current), pick(one, current, baseline))`, "
        "`null = [pair(one) for one in signs]`, "
        "`return [found, (1 + np.sum(np.array(null) >= found)) / (1 + len(null))]`",
    ],
    insight="Tasks that are alike on both sides change nothing when they are swapped: if n tasks "
    "differ there are only 2ⁿ ways to swap, so two differing tasks can never prove a drift.",
    lesson=LESSON,
)


QUESTIONS = [TRANSITION_RATE, WORTH_IN_CALLS, SWAP_TEST]
