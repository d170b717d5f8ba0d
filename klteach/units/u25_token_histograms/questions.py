"""The questions of unit 25: unseen tokens, a locked vocabulary, passages as units, the carriers."""

import numpy as np

from klteach.measures import (
    jeffreys_divergence,
    js_divergence,
    kl_divergence,
    kl_terms,
    normalize,
    to_bits,
)
from klteach.practice.common_mistakes import SMALL_NUMBERS, special
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns, named_numbers

LESSON = "25_token_histograms"


def add_alpha(counts, alpha):
    return normalize(counts + alpha)


def _kl(p, q):
    """Σ p log(p/q) of shares that need not sum to 1, a mistake's own."""
    return np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / q), 0.0).sum(axis=-1)


def _each(numbers, function):
    """One function for each of the numbers, which becomes its last argument."""
    return tuple(lambda *arguments, x=x: function(*arguments, x) for x in numbers)


# smoothed_kl: KL between two rows of counts with tokens that one side has not


def counts_with_unseen(random):
    """Counts with zeros on either side and on both, an α from small to large."""
    cases = []
    for size, alpha in ((4, 0.5), (6, 0.01), (6, 2.0), (30, 0.5), (30, 0.1)):
        current, baseline = random.poisson(5, size), random.poisson(40, size)
        current[0], baseline[0], current[1], baseline[1] = 6, 0, 0, 30
        current[2], baseline[3] = 8, 25
        current[-1], baseline[-1] = (3, 0) if size > 4 else (2, 60)
        if size > 6:
            current[5] = baseline[5] = 0
        cases.append(case(current, baseline, alpha))
    same = random.poisson(8, 9) + 1
    return [*cases, case(same, same, 0.5, label="the same counts")]


def smoothed_kl(current, baseline, alpha):
    return kl_divergence(add_alpha(current, alpha), add_alpha(baseline, alpha))


def _of_seen(current, baseline, alpha, seen):
    return smoothed_kl(current[seen], baseline[seen], alpha)


def _shares(current, baseline):
    return current / current.sum(), baseline / baseline.sum()


EPS = (
    lambda p, q, x: _kl(p, q + x),
    lambda p, q, x: _kl(p + x, q + x),
    lambda p, q, x: _kl(p, np.maximum(q, x)),
    lambda p, q, x: _kl(np.maximum(p, x), np.maximum(q, x)),
    lambda p, q, x: _kl(p, np.where(q == 0, x, q)),
    lambda p, q, x: _kl(p, normalize(q + x)),
    lambda p, q, x: _kl(normalize(p + x), normalize(q + x)),
)


SMOOTHED_KL = Question(
    "smoothed_kl",
    points=2,
    reference=smoothed_kl,
    unit="nats",
    visible=[
        case([2, 3, 0, 5], [8, 6, 4, 2], 0.5, label="one word gone, α = 1/2"),
        case([0, 4, 6], [9, 1, 0], 1.0, label="one word gone and one new, α = 1"),
        case([1, 2], [10, 20], 2.0, label="every word seen, α = 2"),
    ],
    inputs=[counts_with_unseen],
    mistakes=[
        Mistake(
            "not smoothed",
            lambda current, baseline, alpha: kl_divergence(*_shares(current, baseline)),
            "These are the plain shares: α takes no part.",
        ),
        Mistake(
            "eps on shares",
            tuple(
                lambda current, baseline, alpha, x=x, padded=padded: padded(
                    *_shares(current, baseline), x
                )
                for padded in EPS
                for x in SMALL_NUMBERS
            ),
            "A small number went into the shares, and α took no part. A word that the baseline "
            "never had then adds p·log(p/ε), and ε is what you typed: divide it by a thousand, and "
            "look. Add α to the counts of both sides, and divide afterwards.",
        ),
        Mistake(
            "alpha on shares",
            (
                lambda current, baseline, alpha: _kl(
                    *(side + alpha for side in _shares(current, baseline))
                ),
                lambda current, baseline, alpha: _kl(
                    *(normalize(side + alpha) for side in _shares(current, baseline))
                ),
            ),
            "You divided first and added α to the shares. There α is no number of sightings: both "
            "sides are pulled together by the same amount, however many words were counted. Add to "
            "the counts, then divide.",
        ),
        Mistake(
            "alpha in the baseline only",
            lambda current, baseline, alpha: kl_divergence(
                normalize(current), add_alpha(baseline, alpha)
            ),
            "Only the baseline got its α. The two sides are then smoothed by other rules, so two "
            "equal texts differ. (A word that is missing today has p = 0 then, too, and NumPy "
            "makes `nan` of 0·log 0.) Which counts get α?",
        ),
        Mistake(
            "alpha in the current data only",
            lambda current, baseline, alpha: kl_divergence(
                add_alpha(current, alpha), normalize(baseline)
            ),
            "Only the current data got their α. A word that the baseline lacks is infinite still, "
            "and even one that neither side has. Both sides are smoothed.",
        ),
        Mistake(
            "words unseen in the baseline skipped",
            (
                lambda current, baseline, alpha: _of_seen(current, baseline, alpha, baseline > 0),
                lambda current, baseline, alpha: _kl(
                    *(side[baseline > 0] for side in _shares(current, baseline))
                ),
                lambda current, baseline, alpha: _kl(
                    *(add_alpha(side, alpha)[baseline > 0] for side in (current, baseline))
                ),
            ),
            "You left out the words that the baseline never had. They are what is new: the more of "
            "them come, the less your number sees. What is α for?",
        ),
        Mistake(
            "words of the current data only",
            (
                lambda current, baseline, alpha: _of_seen(current, baseline, alpha, current > 0),
                lambda current, baseline, alpha: _kl(
                    *(add_alpha(side, alpha)[current > 0] for side in (current, baseline))
                ),
            ),
            "You kept the words of the current data only. Those that have gone took their share of "
            "the baseline with them: the cells are the same for both sides, used or not.",
        ),
        Mistake(
            "words of both sides only",
            (
                lambda current, baseline, alpha: _of_seen(
                    current, baseline, alpha, (current > 0) & (baseline > 0)
                ),
                lambda current, baseline, alpha: _of_seen(
                    current, baseline, 0, (current > 0) & (baseline > 0)
                ),
            ),
            "You kept the words that both sides have, so neither what came nor what went can be "
            "seen. Every cell stays.",
        ),
        Mistake(
            "cells that nobody uses left out",
            lambda current, baseline, alpha: _of_seen(
                current, baseline, alpha, (current > 0) | (baseline > 0)
            ),
            "You left out the cells that are empty on both sides. The monitor does so too, and "
            "says it; here every cell of the vocabulary gets its α, so that K stays the same.",
        ),
        Mistake(
            "only seen cells in the total",
            (
                lambda current, baseline, alpha: _kl(
                    *(
                        (side + alpha) / (side.sum() + alpha * np.count_nonzero(side))
                        for side in (current, baseline)
                    )
                ),
                lambda current, baseline, alpha: _kl(
                    *(
                        (side + alpha) / (side.sum() + alpha * np.count_nonzero(current + baseline))
                        for side in (current, baseline)
                    )
                ),
            ),
            "Every cell got its α above, and only the cells with a count are in the total below, "
            "so the shares sum to more than 1. Divide by the new total: `.sum()` after adding.",
        ),
        Mistake(
            "alpha shared out",
            lambda current, baseline, alpha: _kl(
                *(add_alpha(side, alpha / len(side)) for side in (current, baseline))
            ),
            "You shared one α out over all cells. Every cell gets a whole one.",
        ),
        Mistake(
            "only where zero",
            lambda current, baseline, alpha: kl_divergence(
                *(normalize(np.where(side == 0, alpha, side)) for side in (current, baseline))
            ),
            "Only the zeros got something. With α = 2 a word that was never seen becomes likelier "
            "than one that was seen once. Every count gets the same α.",
        ),
        Mistake(
            "old total",
            (
                lambda current, baseline, alpha: _kl(
                    *((side + alpha) / side.sum() for side in (current, baseline))
                ),
                lambda current, baseline, alpha: _kl(
                    (current + alpha) / current.sum(), add_alpha(baseline, alpha)
                ),
                lambda current, baseline, alpha: _kl(
                    add_alpha(current, alpha), (baseline + alpha) / baseline.sum()
                ),
            ),
            "You divided by an old total. The counts grew by α each, so the shares now sum to "
            "more than 1: what is the new total?",
        ),
        Mistake(
            "alpha once in the total",
            lambda current, baseline, alpha: _kl(
                *((side + alpha) / (side.sum() + alpha) for side in (current, baseline))
            ),
            "The totals grew by one α. There is one for each cell.",
        ),
        Mistake(
            "one total for both",
            (
                lambda current, baseline, alpha: _kl(
                    *((side + alpha) / (current + baseline).sum() for side in (current, baseline))
                ),
                lambda current, baseline, alpha: _kl(
                    *(
                        (side + alpha) / (current + baseline + 2 * alpha).sum()
                        for side in (current, baseline)
                    )
                ),
            ),
            "Both sides were divided by the total of the two together, so neither sums to 1. Each "
            "side has a total of its own.",
        ),
        Mistake(
            "always a half",
            lambda current, baseline, alpha: smoothed_kl(current, baseline, 0.5),
            "You added ½, whatever α is.",
        ),
        Mistake(
            "always one",
            lambda current, baseline, alpha: smoothed_kl(current, baseline, 1.0),
            "You added 1, whatever α is.",
        ),
        Mistake(
            "swapped",
            lambda current, baseline, alpha: smoothed_kl(baseline, current, alpha),
            "The arguments are swapped: this is KL(baseline‖current). P is the current data, which "
            "supplies the samples and stands first.",
        ),
        Mistake(
            "weighted by the baseline",
            lambda current, baseline, alpha: -smoothed_kl(baseline, current, alpha),
            "q stands in front of log(p/q), which makes minus the other direction. p, the current "
            "data, supplies the samples: Σ p log(p/q).",
        ),
        Mistake(
            "PSI",
            lambda current, baseline, alpha: jeffreys_divergence(
                add_alpha(current, alpha), add_alpha(baseline, alpha)
            ),
            "This is PSI: both directions, added. The question asks for KL(current‖baseline).",
        ),
        Mistake(
            "jensen-shannon",
            tuple(
                lambda current, baseline, alpha, root=root: root(
                    js_divergence(add_alpha(current, alpha), add_alpha(baseline, alpha))
                )
                for root in (np.asarray, np.sqrt)
            ),
            "You compared both sides with their mean: that is Jensen-Shannon, or its root. The "
            "question asks for KL(current‖baseline).",
        ),
        Mistake(
            "bits",
            lambda current, baseline, alpha: to_bits(smoothed_kl(current, baseline, alpha)),
            "Right but for the unit: this is in bits, and the question asks for nats.",
        ),
        Mistake(
            "mean",
            lambda current, baseline, alpha: smoothed_kl(current, baseline, alpha) / len(current),
            "You took the mean over the cells. The shares are weights already: it is a sum.",
        ),
        Mistake(
            "absolute terms",
            lambda current, baseline, alpha: np.abs(
                add_alpha(current, alpha)
                * np.log(add_alpha(current, alpha) / add_alpha(baseline, alpha))
            ).sum(),
            "You added the sizes of the terms, without their signs. A term is negative where a "
            "word became rarer, and rightly so.",
        ),
        Mistake(
            "raised to alpha",
            lambda current, baseline, alpha: kl_divergence(
                *(normalize(np.maximum(side, alpha)) for side in (current, baseline))
            ),
            "Counts below α were raised to α, so α = 2 makes no difference between never and once. "
            "Add α to every count.",
        ),
        Mistake(
            "counts as shares",
            lambda current, baseline, alpha: _kl(current + alpha, baseline + alpha),
            "Counts stand where shares belong, so the number grows with the amount of text. Divide "
            "each side by its own total.",
        ),
    ],
    hints=[
        "Had each word been seen α times more on both sides, what would the two totals be?",
        "p = (n + α) / (N + αK) on either side, K cells; then Σ p log(p/q), in nats",
        "`p, q = (side + alpha for side in (current, baseline))`, then "
        "`p, q = p / p.sum(), q / q.sum()` and then `return np.sum(p * np.log(p / q))`",
    ],
    insight="A new word adds about p·log(p·M/α), with M words in the baseline: how many sightings "
    "were missing, against how many were imagined. Whoever reads the number must know α.",
    lesson=LESSON,
)


# locked_shares: current tokens counted in the vocabulary of the baseline


def token_streams(random):
    """Token numbers: no two counts of the baseline alike, new and rare tokens in the current.

    Nor are two of the commonest counts of the current tokens, or of both together: a vocabulary
    that was chosen from those is the same whoever breaks a tie how.
    """
    cases = []
    for size, most in ((5, 2), (8, 4), (15, 6), (15, 1)):
        names = random.permutation(np.arange(1, 3 * size))[:size]
        counts = random.permutation(np.arange(1, size + 1))
        new = np.arange(50, 50 + max(2, size // 3))
        kinds, before = np.r_[names, new], np.r_[counts, 0 * new]
        now = random.permutation(len(kinds))
        while _ties(before + now, most) or now[size] < 2 or now[counts.argmax()] == 0:
            now = random.permutation(len(kinds))
        baseline, current = (random.permutation(np.repeat(kinds, n)) for n in (before, now))
        cases.append(case(baseline, current, most))
    return cases


def _ties(counts, most):
    """Whether two of the commonest, or of them and the next one, come equally often."""
    return len(set(np.sort(counts)[-most - 1 :].tolist())) <= most


def _ranked(tokens):
    """The tokens from the commonest to the rarest; of equally common ones the smaller first."""
    found, counts = np.unique(tokens, return_counts=True)
    return found[np.argsort(-counts, kind="stable")]


def _counted(tokens, cells):
    return (tokens[:, None] == np.asarray(cells)[None, :]).sum(axis=0)


def _shares_in(tokens, cells, most):
    """Shares of the tokens in `most` cells and OTHER; cells that are missing are empty."""
    counts = np.zeros(most + 1)
    counts[: len(cells)] = _counted(tokens, cells)
    counts[-1] = len(tokens) - counts.sum()
    return counts / len(tokens)


def locked_shares(baseline, current, most):
    return _shares_in(current, _ranked(baseline)[:most], most)


def _by_places(baseline, current, most):
    """The places of the commonest tokens among the distinct ones, taken for the tokens."""
    _, counts = np.unique(baseline, return_counts=True)
    return _shares_in(current, np.argsort(-counts, kind="stable")[:most], most)


def _other_as(function):
    """The right counts, but with OTHER from a function of (baseline, current, right counts)."""

    def shares(baseline, current, most):
        counts = locked_shares(baseline, current, most) * len(current)
        counts[-1] = function(baseline, current, counts)
        return counts

    return shares


def _normalised(counts):
    """Shares, or zeros where nothing is left to divide by."""
    total = counts.sum()
    return counts / total if total else counts


def _with_two_totals(baseline, current, most):
    shares = locked_shares(baseline, current, most)
    return np.append(_normalised(shares[:-1]), shares[-1])


OTHER_DROPPED = _other_as(lambda baseline, current, counts: 0.0)
OTHER_NEW_ONLY = _other_as(lambda baseline, current, counts: (~np.isin(current, baseline)).sum())
OTHER_TYPES = _other_as(
    lambda baseline, current, counts: len(
        np.setdiff1d(current, _ranked(baseline)[: len(counts) - 1])
    )
)


LOCKED_SHARES = Question(
    "locked_shares",
    points=3,
    reference=locked_shares,
    returns=Returns(
        "an array of `most` + 1 shares, OTHER last", lambda baseline, current, most: (most + 1,)
    ),
    exchangeable=False,
    visible=[
        case([5, 5, 5, 2, 2, 9], [5, 7, 9, 5, 7, 7, 5, 7], 2, label="7 is new, 9 is rare"),
        case([3, 3, 1], [3, 3, 3, 1], 1, label="one token has a cell"),
        case([4, 4, 4, 8, 8, 6], [1, 1, 1, 8, 1, 1, 8], 2, label="most tokens are new"),
    ],
    inputs=[token_streams],
    mistakes=[
        Mistake(
            "vocabulary of the current data",
            lambda baseline, current, most: _shares_in(current, _ranked(current)[:most], most),
            "The vocabulary comes from the current data. Then every day has cells of its own, what "
            "is new gets one at once, and two days cannot be compared. Who chooses the words?",
        ),
        Mistake(
            "vocabulary of both",
            lambda baseline, current, most: _shares_in(
                current, _ranked(np.r_[baseline, current])[:most], most
            ),
            "The vocabulary comes from both sides together, so today's text has a say in the cells "
            "it is judged in, and the baseline's own numbers change every day. Lock it on the "
            "baseline alone.",
        ),
        Mistake(
            "places taken for tokens",
            _by_places,
            "`np.argsort` gives places in the list of distinct tokens, and you looked for tokens "
            "with these numbers. The tokens themselves stand at those places.",
        ),
        Mistake(
            "OTHER dropped",
            (
                OTHER_DROPPED,
                lambda *arguments: OTHER_DROPPED(*arguments) / len(arguments[1]),
                lambda *arguments: _normalised(OTHER_DROPPED(*arguments)),
            ),
            "OTHER is empty: the tokens outside the vocabulary were left out. What is new is the "
            "first thing to be seen, and here it is the only thing that is not. Where do they go?",
        ),
        Mistake(
            "only new tokens in OTHER",
            (
                OTHER_NEW_ONLY,
                lambda *arguments: OTHER_NEW_ONLY(*arguments) / len(arguments[1]),
                lambda *arguments: _normalised(OTHER_NEW_ONLY(*arguments)),
            ),
            "OTHER holds the tokens that the baseline never had. Those that it had, but too rarely "
            "for a cell, belong there too: otherwise they are nowhere.",
        ),
        Mistake(
            "kinds in OTHER counted once",
            (
                OTHER_TYPES,
                lambda *arguments: OTHER_TYPES(*arguments) / len(arguments[1]),
                lambda *arguments: _normalised(OTHER_TYPES(*arguments)),
            ),
            "OTHER counts each different token once, as a set does. It is a cell like any other: "
            "it counts how often its tokens come.",
        ),
        Mistake(
            "two totals",
            _with_two_totals,
            "The words with a cell were divided by their own sum and OTHER by the length of the "
            "text, so the shares sum to more than 1. All of them are parts of the whole text.",
        ),
        Mistake(
            "counts",
            lambda baseline, current, most: locked_shares(baseline, current, most) * len(current),
            "These are the counts, and right. The question asks for shares: divide by the number "
            "of current tokens.",
        ),
        Mistake(
            "divided by the baseline",
            lambda baseline, current, most: (
                locked_shares(baseline, current, most) * len(current) / len(baseline)
            ),
            "The counts of the current tokens were divided by the number of tokens of the "
            "baseline, so they do not sum to 1. A share is a part of its own text.",
        ),
        Mistake(
            "shares of the baseline",
            lambda baseline, current, most: locked_shares(baseline, baseline, most),
            "These are the shares of the baseline. The baseline chooses the cells; what is counted "
            "in them is the current text.",
        ),
        Mistake(
            "roles exchanged",
            lambda baseline, current, most: _shares_in(baseline, _ranked(current)[:most], most),
            "The current text chose the cells and the baseline was counted in them. It is the "
            "other way round.",
        ),
        Mistake(
            "in the order of their numbers",
            (
                lambda baseline, current, most: _shares_in(
                    current, np.sort(_ranked(baseline)[:most]), most
                ),
                lambda baseline, current, most: _shares_in(
                    current, np.unique(baseline)[:most], most
                ),
            ),
            "The cells stand in the order of the token numbers. A token's number says nothing of "
            "how often it comes: the first cell is for the commonest token of the baseline.",
        ),
        Mistake(
            "rarest first",
            (
                lambda baseline, current, most: _shares_in(
                    current, _ranked(baseline)[::-1][:most], most
                ),
                lambda baseline, current, most: _shares_in(
                    current, _ranked(baseline)[:most][::-1], most
                ),
            ),
            "The rarest stands first: `argsort` sorts upwards. The cells go to the commonest "
            "tokens of the baseline, the commonest first.",
        ),
        Mistake(
            "in order of appearance",
            lambda baseline, current, most: _shares_in(
                current, list(dict.fromkeys(baseline.tolist()))[:most], most
            ),
            "The cells went to the tokens that came first in the baseline. How often does each "
            "come?",
        ),
        Mistake(
            "OTHER first",
            lambda baseline, current, most: np.roll(locked_shares(baseline, current, most), 1),
            "Right but for the order: OTHER is the last cell.",
        ),
        Mistake(
            "one cell too few",
            lambda baseline, current, most: np.insert(
                _shares_in(current, _ranked(baseline)[: most - 1], most - 1), most - 1, 0.0
            ),
            "One token of the vocabulary is missing. `most` tokens get a cell, and OTHER comes on "
            "top.",
        ),
        Mistake(
            "smoothed",
            lambda baseline, current, most: normalize(
                locked_shares(baseline, current, most) * len(current) + 0.5
            ),
            "Something was added to the counts. Smoothing is E1, with an α that is passed: here "
            "the plain shares are asked.",
        ),
    ],
    hints=[
        "Which of the two texts may say which tokens get a cell, and where do all others go?",
        "The `most` commonest tokens of the baseline; share = count in the current text / its "
        "length; OTHER = 1 - the sum of these shares",
        "`names, counts = np.unique(baseline, return_counts=True)`, then "
        "`kept = names[np.argsort(-counts)][:most]`, then "
        "`shares = [np.mean(current == name) for name in kept]` and then "
        "`return np.append(shares, 1 - np.sum(shares))`",
    ],
    insight="The cells belong to the baseline and last as long as it does. OTHER is the only one "
    "that can hold what nobody expected, so it never goes.",
    lesson=LESSON,
)


# passage_test: a new text against known-good passages, each of them against the others


def passages_and_text(random):
    """Passages that lean to topics of their own; a text like them, one far away, one of them."""
    cases = []
    for windows, cells, length in ((8, 4, 60), (19, 6, 120), (25, 6, 200), (19, 8, 90)):
        mean = random.dirichlet(np.full(cells, 4.0))
        own = random.dirichlet(40 * mean, windows)
        passages = np.array([random.multinomial(length, shares) for shares in own])
        near = random.multinomial(length, random.dirichlet(40 * mean))
        far = random.multinomial(length, random.dirichlet(3 * mean))
        half = random.multinomial(length // 2, random.dirichlet(14 * mean))
        cases += [case(passages, near), case(passages, far), case(passages, half)]
    passages = np.repeat([[12, 5, 3], [9, 8, 3], [14, 2, 4], [10, 6, 4]], 3, axis=0)
    return [
        *cases,
        case(passages, [20, 2, 3], label="passages that come three times"),
        # a text that pulls all others its way if it is one of them
        case([[8, 2], [7, 3], [6, 4], [2, 8]], [60, 20], label="a long text"),
        case([[9, 1], [5, 5], [8, 2], [7, 3]], [1, 40], label="a long text far away"),
    ]


def _divergences(passages, left_out=True):
    """KL of each passage from all others together, or from all with it among them."""
    total = passages.sum(axis=0)
    others = total - passages if left_out else np.broadcast_to(total, passages.shape)
    return kl_divergence(normalize(passages + 0.5), normalize(others + 0.5))


def _observed(passages, current):
    return smoothed_kl(current, passages.sum(axis=0), 0.5)


def _p_value(null, observed, above=1, below=1):
    return (above + np.count_nonzero(null >= observed)) / (below + len(null))


def passage_test(passages, current):
    observed = _observed(passages, current)
    return [observed, _p_value(_divergences(passages), observed)]


def _counted_as(above, below, nearer=False, ties=True):
    """The right divergence, with a p-value that counts otherwise."""

    def pair(passages, current):
        null, observed = _divergences(passages), _observed(passages, current)
        if nearer:
            null, observed = -null, -observed
        if not ties:
            null = null[null != observed]
        reached = np.count_nonzero(null >= observed)
        return [abs(observed), (above + reached) / (below + len(passages))]

    return pair


def _with_the_text(passages, current):
    """Each passage from all the others and the new text."""
    others = passages.sum(axis=0) + current - passages
    return kl_divergence(normalize(passages + 0.5), normalize(others + 0.5))


def _against_all(passages, current):
    """The new text from all passages and itself."""
    return smoothed_kl(current, passages.sum(axis=0) + current, 0.5)


def _all_in_one_pool(passages, current):
    """Every text from all of them, the new one and itself among them."""
    pool = passages.sum(axis=0) + current
    null = kl_divergence(
        normalize(passages + 0.5), np.broadcast_to(normalize(pool + 0.5), passages.shape)
    )
    observed = _against_all(passages, current)
    return [observed, _p_value(null, observed)]


def _both_ways(current, baseline):
    return jeffreys_divergence(normalize(current + 0.5), normalize(baseline + 0.5))


def _from_the_middle(passages, current):
    """Two-sided: how far from the median of the null."""
    null, observed = _divergences(passages), _observed(passages, current)
    middle = np.median(null)
    return [observed, _p_value(abs(null - middle), abs(observed - middle))]


def _with_null(null):
    """The right divergence, against other divergences."""

    def pair(passages, current):
        observed = _observed(passages, current)
        return [observed, _p_value(null(passages, current), observed)]

    return pair


def _reverse_null(passages, current):
    others = passages.sum(axis=0) - passages
    return kl_divergence(normalize(others + 0.5), normalize(passages + 0.5))


def _reversed(passages, current):
    observed = smoothed_kl(passages.sum(axis=0), current, 0.5)
    return [observed, _p_value(_reverse_null(passages, current), observed)]


def _iid(passages, current):
    """The p-value of the χ² law, which takes words as independent."""
    scale = 2 / (1 / current.sum() + 1 / passages.sum())
    return float(special().chdtrc(len(current) - 1, scale * _observed(passages, current)))


def _with_alpha(alpha):
    """Smoothed by another α."""

    def pair(passages, current):
        total = passages.sum(axis=0)
        observed = kl_divergence(normalize(current + alpha), normalize(total + alpha))
        null = kl_divergence(normalize(passages + alpha), normalize(total - passages + alpha))
        return [observed, _p_value(null, observed)]

    return pair


def _against_the_mean(passages, current):
    """The mean of the passages as the baseline, both times."""
    others = (passages.sum(axis=0) - passages) / (len(passages) - 1)
    observed = smoothed_kl(current, passages.mean(axis=0), 0.5)
    null = kl_divergence(normalize(passages + 0.5), normalize(others + 0.5))
    return [observed, _p_value(null, observed)]


def judge_passages(passages, current, values):
    """None if both numbers are right; otherwise which is not, and a question about it."""
    right = np.isclose(values, passage_test(passages, current), rtol=1e-5, atol=1e-6)
    if right.all():
        return None
    if not right[0]:
        return (
            "wrong: divergence",
            "Not yet: the divergence. It is KL(current‖all passages together), with ½ added to "
            "each count; print the two rows of shares.",
        )
    return (
        "wrong: p-value",
        "The divergence is right, the p-value is not yet. Is it a number of texts over W + 1, and "
        "was every passage held against all the others? Shuffled words are no passages.",
    )


def _mean_of_pairs(passages, current):
    """Against each single passage, and the mean of that."""
    shares, text = normalize(passages + 0.5), normalize(current + 0.5)
    observed = kl_divergence(text, shares).mean()
    null = [
        kl_divergence(share, np.delete(shares, place, axis=0)).mean()
        for place, share in enumerate(shares)
    ]
    return [observed, _p_value(np.array(null), observed)]


PASSAGE_TEST = Question(
    "passage_test",
    points=3,
    reference=passage_test,
    returns=named_numbers("divergence", "p-value"),
    judge=judge_passages,
    one_right_value=True,
    exchangeable=False,
    visible=[
        case([[6, 2], [4, 4], [5, 3]], [1, 7], label="a text further away than each of 3 passages"),
        case([[6, 2], [4, 4], [5, 3]], [4, 4], label="a text like one of the passages"),
        case([[6, 2], [3, 5], [7, 1], [5, 3]], [4, 4], label="a text in the middle"),
        case([[3, 3], [5, 5], [2, 2]], [4, 4], label="texts that are all alike"),
    ],
    inputs=[passages_and_text],
    mistakes=[
        Mistake(
            "the text itself not counted",
            _counted_as(0, 0),
            "You took the share of the passages. It can be 0, and no evidence of W passages is "
            "that strong. Without drift the new text is one of W + 1: it counts above the line and "
            "below.",
        ),
        Mistake(
            "one only below",
            _counted_as(0, 1),
            "The 1 is below the line only. The new text is as far away as itself, so it counts "
            "above the line too.",
        ),
        Mistake(
            "one only above",
            _counted_as(1, 0),
            "The 1 is above the line only, so the p-value can exceed 1. How many texts are there "
            "with the new one?",
        ),
        Mistake(
            "ties left out",
            _counted_as(1, 1, ties=False),
            "A passage that is exactly as far as the new text was not counted. It is as extreme: "
            "≥, not >.",
        ),
        Mistake(
            "the text in the pool",
            (
                lambda passages, current: [
                    _observed(passages, current),
                    _p_value(_with_the_text(passages, current), _observed(passages, current)),
                ],
                lambda passages, current: _all_in_one_pool(passages, current),
                lambda passages, current: [
                    _against_all(passages, current),
                    _p_value(_divergences(passages), _against_all(passages, current)),
                ],
            ),
            "The new text is part of a baseline: of what it is compared with itself, or of what "
            "the passages are compared with. Then it pulls that baseline its way. Keep it out of "
            "both.",
        ),
        Mistake(
            "the other side",
            (
                _counted_as(1, 1, nearer=True),
                _counted_as(0, 0, nearer=True),
                _counted_as(0, 1, nearer=True),
                lambda passages, current: [
                    _observed(passages, current),
                    1 - passage_test(passages, current)[1],
                ],
            ),
            "You counted the passages that are nearer. Drift makes the divergence large: count "
            "those that are as far or further.",
        ),
        Mistake(
            "both sides",
            lambda passages, current: [
                _observed(passages, current),
                min(
                    1.0,
                    2
                    * min(
                        _counted_as(1, 1)(passages, current)[1],
                        _counted_as(1, 1, nearer=True)(passages, current)[1],
                    ),
                ),
            ],
            "You doubled the smaller side. A text that is nearer to the rest than usual is no "
            "drift: only far away counts, so the p-value has one side.",
        ),
        Mistake(
            "passages not left out",
            _with_null(lambda passages, current: _divergences(passages, left_out=False)),
            "Each passage was compared with a baseline that contains it, and a text is always "
            "nearer to what contains it. The new text has no such advantage: leave each passage "
            "out of what it is compared with.",
        ),
        Mistake(
            "words as the unit",
            lambda passages, current: [_observed(passages, current), _iid(passages, current)],
            "This is the p-value of the χ² law, for words that are drawn one by one. Passages have "
            "topics, so they scatter more, and it is far too small. The passages themselves show "
            "how much is usual.",
        ),
        Mistake(
            "swapped",
            _reversed,
            "Both divergences are the wrong way round: KL(baseline‖text). What is current, the "
            "passage or the text, supplies the samples and stands first.",
        ),
        Mistake(
            "null swapped",
            _with_null(_reverse_null),
            "The passages are measured in one direction and the text in the other. Two numbers are "
            "comparable only if they answer the same question.",
        ),
        Mistake(
            "passages against the text",
            (
                _with_null(
                    lambda passages, current: kl_divergence(
                        normalize(passages + 0.5), normalize(current + 0.5)
                    )
                ),
                _with_null(
                    lambda passages, current: kl_divergence(
                        normalize(current + 0.5), normalize(passages + 0.5)
                    )
                ),
            ),
            "For the null you compared each passage with the new text. That says how far the text "
            "is from each of them, and nothing of how far they are from each other: leave the new "
            "text out of the null.",
        ),
        Mistake(
            "mean of the passages",
            (
                lambda passages, current: [
                    smoothed_kl(current, passages.mean(axis=0), 0.5),
                    _p_value(
                        _divergences(passages), smoothed_kl(current, passages.mean(axis=0), 0.5)
                    ),
                ],
                _against_the_mean,
            ),
            "½ weighs W times too much in the baseline. It was added to the mean of the passages, "
            "or to each passage before they were added up, which comes to the same. Add the counts "
            "up first, then ½ to each sum.",
        ),
        Mistake(
            "one passage at a time",
            _mean_of_pairs,
            "You compared with every passage alone and took the mean. One passage is too little "
            "text to be a baseline; add the counts of all others up first.",
        ),
        Mistake(
            "not smoothed",
            _with_alpha(0.0),
            "The counts were not smoothed. Add ½ to each count on both sides, for the passages as "
            "for the text.",
        ),
        Mistake(
            "smoothed by one",
            _with_alpha(1.0),
            "You added 1 to each count. The question asks for ½.",
        ),
        Mistake(
            "PSI",
            lambda passages, current: [
                _both_ways(current, passages.sum(axis=0)),
                _p_value(
                    _both_ways(passages, passages.sum(axis=0) - passages),
                    _both_ways(current, passages.sum(axis=0)),
                ),
            ],
            "This is PSI, both directions added. The question asks for KL(current‖passages).",
        ),
        Mistake(
            "far to either side",
            _from_the_middle,
            "You counted the passages that are as far from the middle of all D_i, nearer ones "
            "among them. A text that is nearer to the rest than usual is no drift: count D_i ≥ D.",
        ),
        Mistake(
            "bits",
            lambda passages, current: (
                np.array(passage_test(passages, current)) / np.array([np.log(2), 1])
            ),
            "The divergence is in bits, and the question asks for nats. The p-value does not care.",
        ),
        Mistake(
            "threshold",
            lambda passages, current: [
                _observed(passages, current),
                np.quantile(_divergences(passages), 0.95),
            ],
            "Beside the divergence stands the threshold from the passages. The question asks for "
            "the p-value of the text.",
        ),
        Mistake(
            "number of passages",
            lambda passages, current: [
                _observed(passages, current),
                _p_value(_divergences(passages), _observed(passages, current), 0, 1)
                * (1 + len(passages)),
            ],
            "This is how many passages are as far or further. A p-value is a share, in which the "
            "new text counts as well.",
        ),
        Mistake(
            "order",
            lambda passages, current: passage_test(passages, current)[::-1],
            "The right two numbers in the other order: the divergence first, then the p-value.",
        ),
    ],
    hints=[
        "If nothing has changed, how many texts are there that could be the furthest away?",
        "D_i = KL(passage i ‖ all others), D = KL(text ‖ all passages), ½ added to every count; "
        "p = (1 + number of D_i ≥ D) / (1 + W)",
        "`share = lambda n: (n + 0.5) / np.sum(n + 0.5, axis=-1, keepdims=True)`, "
        "then `kl = lambda a, b: np.sum(share(a) * np.log(share(a) / share(b)), axis=-1)`, "
        "`all = passages.sum(axis=0)`, "
        "`null, seen = kl(passages, all - passages), kl(current, all)`, "
        "`return [seen, (1 + np.sum(null >= seen)) / (1 + len(passages))]`",
    ],
    insight="No smaller than 1/(W + 1): with 3 passages nothing can be unusual, and 19 are the "
    "least for 5 %. How much evidence there is, the units say, not the words.",
    lesson=LESSON,
)


# carriers: the cells that carry a divergence


def shares_with_carriers(random):
    """Pairs in which the rankings by contribution, term, ratio and difference all differ."""
    cases = []
    for size, top, spread in ((5, 2, 0.8), (8, 3, 0.8), (30, 5, 0.8), (30, 8, 1.6), (60, 30, 1.6)):
        q = random.dirichlet(np.full(size, 0.8)) + 1e-3
        p = q * np.exp(random.normal(0, spread, size))
        cases.append(case(normalize(p), normalize(q), top))
    return cases


def _top(values, top):
    return np.argsort(-values, kind="stable")[:top]


def carriers(p, q, top):
    return _top(kl_terms(p, q), top)


CARRIERS = Question(
    "carriers",
    points=2,
    reference=carriers,
    returns=Returns("an array of `top` places, whole numbers", lambda p, q, top: (top,)),
    exchangeable=False,
    visible=[
        case([0.5, 0.02, 0.08, 0.4], [0.4, 0.01, 0.3, 0.29], 2, label="one word became rare"),
        case([0.2, 0.5, 0.3], [0.45, 0.35, 0.2], 1, label="one word carries most"),
        case([0.3, 0.02, 0.1, 0.58], [0.3, 0.002, 0.2, 0.498], 3, label="one does not move"),
    ],
    inputs=[shares_with_carriers],
    mistakes=[
        Mistake(
            "plain terms",
            lambda p, q, top: _top(p * np.log(p / q), top),
            "Sorted by p log(p/q). A word that became rarer has a negative term there and comes "
            "last, however much it moved. Which form of the terms is never negative?",
        ),
        Mistake(
            "sizes of the plain terms",
            lambda p, q, top: _top(np.abs(p * np.log(p / q)), top),
            "Sorted by |p log(p/q)|. Without their signs the terms no longer sum to KL, and a word "
            "with a large share leads because of its share. Lift the terms instead: what can be "
            "added to each, and comes to 0 in all?",
        ),
        Mistake(
            "by ratio",
            (
                lambda p, q, top: _top(p / q, top),
                lambda p, q, top: _top(np.abs(np.log(p / q)), top),
            ),
            "Sorted by the ratio p/q. That finds the words that changed by the largest factor, "
            "which are rare ones: a factor of ten on two sightings carries little.",
        ),
        Mistake(
            "by difference",
            (
                lambda p, q, top: _top(p - q, top),
                lambda p, q, top: _top(np.abs(p - q), top),
            ),
            "Sorted by the difference p - q. That finds the words with large shares, which move a "
            "little all the time. How unexpected is the difference, given q?",
        ),
        Mistake(
            "upwards",
            (
                lambda p, q, top: np.argsort(kl_terms(p, q), kind="stable")[:top],
                lambda p, q, top: np.argsort(kl_terms(p, q), kind="stable")[-top:],
            ),
            "Sorted upwards, so the smallest stands first. The largest contribution comes first.",
        ),
        Mistake(
            "the other direction",
            lambda p, q, top: _top(kl_terms(q, p), top),
            "These words carry KL(q‖p). p supplies the samples and stands first.",
        ),
        Mistake(
            "of PSI",
            lambda p, q, top: _top((p - q) * np.log(p / q), top),
            "These words carry PSI: (p - q) log(p/q) belongs to both directions together. The "
            "question asks for KL(p‖q).",
        ),
        Mistake(
            "q - p the wrong way",
            lambda p, q, top: _top(p * np.log(p / q) + p - q, top),
            "You added p - q. The lift is q - p: where p is larger, the term is positive already.",
        ),
        Mistake(
            "bits in the logarithm alone",
            lambda p, q, top: _top(p * np.log2(p / q) - p + q, top),
            "The logarithm is to base 2, and q - p lifts the natural one: with log2 some parts are "
            "negative, and the order is another.",
        ),
        Mistake(
            "ranks",
            lambda p, q, top: np.argsort(_top(kl_terms(p, q), len(p)))[:top],
            "These are the ranks of the first `top` words. The question asks for the places of the "
            "words that carry most: `np.argsort` once, not twice.",
        ),
        Mistake(
            "terms of χ²",
            (
                lambda p, q, top: _top((p - q) ** 2 / q, top),
                lambda p, q, top: _top((p - q) ** 2 / p, top),
            ),
            "Sorted by (p - q)² over q or p: these are the parts of χ². KL has p log(p/q) - p + q.",
        ),
        Mistake(
            "commonest",
            (lambda p, q, top: _top(p, top), lambda p, q, top: _top(q, top)),
            "These are the commonest words. They carry nothing unless they moved.",
        ),
        Mistake(
            "contributions",
            (
                lambda p, q, top: -np.sort(-kl_terms(p, q))[:top],
                lambda p, q, top: np.sort(kl_terms(p, q))[-top:],
            ),
            "These are the contributions themselves. The question asks for their "
            "places: `np.argsort`.",
        ),
        Mistake(
            "counted from one",
            lambda p, q, top: carriers(p, q, top) + 1,
            "The places are counted from 1. In Python the first one is 0.",
        ),
        Mistake(
            "in order of place",
            lambda p, q, top: np.sort(carriers(p, q, top)),
            "The right words, in the order of their places. The one that carries most comes first.",
        ),
    ],
    hints=[
        "Which terms sum to KL and are never negative, also for a word that became rarer?",
        "p log(p/q) - p + q for each word; then the places from the largest on",
        "`parts = p * np.log(p / q) - p + q` and then `return np.argsort(-parts)[:top]`",
    ],
    insight="Words that went count as well as words that came, and the parts add up to the whole. "
    "In text the list is long: say how much of KL it carries.",
    lesson=LESSON,
)


QUESTIONS = [SMOOTHED_KL, LOCKED_SHARES, PASSAGE_TEST, CARRIERS]
