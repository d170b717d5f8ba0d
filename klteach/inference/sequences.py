"""How divergences add up: over the parts of a table, the steps of a chain, the tokens of a text."""

import numpy as np
from numpy.typing import ArrayLike

from klteach.inference.reading import FloatOrArray, joint_tables, shares, transition_matrix
from klteach.measures.distributions import balanced
from klteach.measures.divergences import kl_divergence
from klteach.measures.labels import require_same_labels
from klteach.measures.parameters import plain
from klteach.measures.terms import kl_term
from klteach.measures.validation import ROUNDING_ALLOWANCE, numbers, place, rounding_allowance


@np.errstate(under="ignore")
def chain_rule(joint_p: ArrayLike, joint_q: ArrayLike) -> tuple[FloatOrArray, FloatOrArray]:
    """The divergence of two joint tables in two parts: of X, and of Y where X is known.

    Formula: KL(p(x,y)‖q(x,y)) = KL(p(x)‖q(x)) + Σ p(x) KL(p(y|x)‖q(y|x)), where X chooses the row
             and Y the column. Both parts are never negative, and 0 for equal tables. A row that q
             never has, q(x) = 0 < p(x), makes the first part inf and adds nothing to the second,
             since q says nothing about Y there.
    Shapes:  (rows, columns) twice gives two floats, (marginal, conditional). A batch of tables
             (..., rows, columns), beside another or a single table, gives two arrays (...,).
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if a value is negative or not finite, if a table does not sum to 1, or if
             the shapes differ.
    Source:  T. M. Cover and J. A. Thomas, "Elements of Information Theory" (2006), theorem 2.5.3.

    >>> [round(part, 6) for part in chain_rule([[0.4, 0.1], [0.1, 0.4]], [[0.3, 0.3], [0.2, 0.2]])]
    [0.020411, 0.192745]
    """
    p, q = np.broadcast_arrays(*joint_tables(joint_p=joint_p, joint_q=joint_q))
    total_p, total_q = (table.sum(axis=(-2, -1), keepdims=True) for table in (p, q))
    # As in the measures, everything is made of p - q, which is exact near p = q, and q grows by
    # what rounding has left between the two totals.
    excess = (p - q).sum(axis=(-2, -1), keepdims=True) / total_q
    p, q, difference = balanced(p, q, excess)
    row_p, row_q, row_difference = (
        table.sum(axis=-1, keepdims=True) for table in (p, q, difference)
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        marginal = kl_term(row_p, row_q, row_difference)
        # p(x) KL(p(y|x)‖q(y|x)) is the divergence of row x of p from that of q, enlarged by `more`
        # so that both have the same sum.
        more = row_difference / row_q
        expected = q / row_q * row_p
        from_expected = np.where(more <= 1, difference - more * q, p - expected)
        terms = np.where(row_q > 0, kl_term(p, expected, from_expected), 0.0)
    total = total_p[..., 0, 0]
    return plain(marginal.sum(axis=(-2, -1)) / total), plain(terms.sum(axis=(-2, -1)) / total)


@np.errstate(under="ignore")
def stationary_distribution(transitions: ArrayLike) -> np.ndarray:
    """The share of its time that a Markov chain spends in each state in the long run.

    Formula: π = π P with Σ π = 1, where row i of P is the law of the state after state i. One state
             after the other is taken out of the chain, by additions alone, so that even the
             smallest share has its digits. States that the chain leaves for good have share 0. A
             chain that goes round in a circle (a periodic one) has its law too.
    Shapes:  (k, k) gives (k,).
    Units:   none; a distribution.
    Errors:  ValueError if a row is not a distribution, if the table is not square, or if the chain
             can end in more than one part of its states: then the law depends on the start.
    Source:  W. K. Grassmann, M. I. Taksar and D. P. Heyman, "Regenerative analysis and steady
             state distributions for Markov chains" (1985).

    >>> stationary_distribution([[0.9, 0.1], [0.5, 0.5]]).round(6)
    array([0.833333, 0.166667])
    """
    chain = shares(transition_matrix("transitions", transitions))
    return _law(chain, _closed_class("transitions", chain))


@np.errstate(under="ignore")
def markov_kl_rate(transitions_p: ArrayLike, transitions_q: ArrayLike) -> float:
    """The divergence of two Markov chains per step: what each step of P adds on average.

    Formula: Σ π_i KL(P_i‖Q_i) over the rows P_i and Q_i, with π the stationary law of P; the limit
             of KL(P‖Q) of the first n steps, divided by n. inf where Q forbids a step that P makes
             from a state that it comes back to; what it makes on the way there, once, is no rate.
    Shapes:  (k, k) twice gives a float.
    Units:   nats per step; use to_bits for bits.
    Errors:  as for stationary_distribution of P; ValueError if a row of Q is not a distribution,
             or if P and Q have not the same states.
    Source:  T. M. Cover and J. A. Thomas, "Elements of Information Theory" (2006), section 4.2
             and theorem 2.5.3.

    >>> round(markov_kl_rate([[0.9, 0.1], [0.5, 0.5]], [[0.8, 0.2], [0.5, 0.5]]), 6)
    0.030575
    """
    require_same_labels(-1, transitions_p=transitions_p, transitions_q=transitions_q)
    p = transition_matrix("transitions_p", transitions_p)
    q = transition_matrix("transitions_q", transitions_q)
    if p.shape != q.shape:
        raise ValueError(
            f"transitions_p has {len(p)} states and transitions_q has {len(q)}: both must list the "
            "same states in the same order."
        )
    visited = _closed_class("transitions_p", p)
    rows = kl_divergence(p[visited], q[visited])
    if np.isinf(rows).any():
        return float("inf")  # even if the share of that state is too small for float64
    return float(np.add.reduce(_law(shares(p), visited)[visited] * rows))


@np.errstate(under="ignore")
def sequence_log_ratio(
    log_p: ArrayLike, log_q: ArrayLike, mask: ArrayLike | None = None
) -> FloatOrArray:
    """The log-likelihood ratio of each text, from the log-probabilities of its tokens.

    Formula: Σ (log p(token) - log q(token)) over the real tokens of a text. Its mean over texts
             that come from p estimates KL(p‖q) of whole texts. It is a sum: a longer text has a
             larger one. inf where q rules out a real token; 0 for a text without tokens.
    Shapes:  log_p, log_q and mask (n, T) give (n,), one number for each text; (..., T) gives (...,)
             and (T,) a float. mask is True or 1 for a real token, False or 0 for padding, whose
             values do not matter and may be nan or -inf; without it every token is real.
    Units:   nats a text; use to_bits for bits.
    Errors:  ValueError for different shapes, for another value in mask, and at a real token for
             nan, for a log-probability above 0, and for log_p = -inf: p cannot have written a
             token that it rules out.
    Source:  T. M. Cover and J. A. Thomas, "Elements of Information Theory" (2006), section 11.7
             on the log-likelihood ratio.

    >>> sequence_log_ratio([[-1, -2], [-1, 0]], [[-1.5, -2.5], [-3, 0]], [[1, 1], [1, 0]])
    array([1., 2.])
    """
    require_same_labels(-1, log_p=log_p, log_q=log_q, mask=mask)
    p, q = _log_probabilities(log_p=log_p, log_q=log_q)
    real = _real_tokens(mask, p.shape)
    for name, array in (("log_p", p), ("log_q", q)):
        _require_log_probabilities(name, array, real, masked=mask is not None)
    impossible = real & np.isneginf(p)
    if impossible.any():
        raise ValueError(
            f"{place('log_p', p, impossible)} is -inf, so p rules out a token of its own text: "
            f"{_padding(mask is not None)}, and if the text was written by q, pass q first."
        )
    ratios = np.zeros(p.shape)
    np.subtract(p, q, out=ratios, where=real, dtype=np.float64)
    return plain(np.add.reduce(ratios, axis=-1))


def _closed_class(name: str, chain: np.ndarray) -> np.ndarray:
    """The states, in ascending order, that the chain never leaves; ValueError if there are two."""
    reaches = (chain > 0) | np.eye(len(chain), dtype=bool)
    known = 0
    while reaches.sum() > known:  # paths of twice the length, until there are no new ones
        known = reaches.sum()
        # in numbers, since NumPy multiplies tables of True and False slowly
        steps = reaches.astype(np.float32)
        reaches = steps @ steps > 0
    comes_back = (reaches <= reaches.T).all(axis=1)
    first = int(comes_back.argmax())
    elsewhere = comes_back & ~reaches[first]
    if elsewhere.any():
        raise ValueError(
            f"{name} can end in more than one part of its states: from state {first} the chain "
            f"never gets to state {int(elsewhere.argmax())}, nor the other way. So its stationary "
            "law is not unique: pass the rows and columns of one part, or let the parts be joined."
        )
    return np.flatnonzero(reaches[first])


def _law(chain: np.ndarray, visited: np.ndarray) -> np.ndarray:
    """The stationary law of a chain that ends among the visited states."""
    inner = chain[np.ix_(visited, visited)]
    try:
        with np.errstate(under="raise", over="raise"):
            some = _unscaled_law(inner.copy(), np.add, np.multiply, np.divide, 1.0)
    except FloatingPointError:
        # A product of probabilities is beyond float64: the same in logarithms.
        with np.errstate(divide="ignore", under="ignore"):
            logs = _unscaled_law(np.log(inner), np.logaddexp, np.add, np.subtract, 0.0)
            some = np.exp(logs - logs.max())
    law = np.zeros(len(chain))
    law[visited] = some / some.sum()
    return law


def _unscaled_law(
    chain: np.ndarray, add: np.ufunc, multiply: np.ufunc, divide: np.ufunc, one: float
) -> np.ndarray:
    """A multiple of the stationary law, in the arithmetic of numbers or in that of logarithms.

    Who would have gone to the state that is taken out goes where that state would have sent him.
    """
    for last in range(len(chain) - 1, 0, -1):
        leaves = add.reduce(chain[last, :last])
        chain[:last, last] = divide(chain[:last, last], leaves)
        passing = multiply.outer(chain[:last, last], chain[last, :last])
        chain[:last, :last] = add(chain[:last, :last], passing)
    law = np.full(len(chain), one)
    for state in range(1, len(chain)):
        law[state] = add.reduce(multiply(law[:state], chain[:state, state]))
    return law


def _log_probabilities(**given: ArrayLike) -> list[np.ndarray]:
    """Two arrays of one shape with a last axis of tokens; ValueError if they are not that."""
    arrays = {name: numbers(name, values) for name, values in given.items()}
    for name, array in arrays.items():
        if array.ndim == 0 or array.size == 0:
            raise ValueError(
                f"{name} has shape {array.shape}: pass a log-probability for each token, as "
                "(texts, tokens)."
            )
    (first, left), (last, right) = arrays.items()
    if left.shape != right.shape:
        raise ValueError(
            f"{first} has shape {left.shape} and {last} has shape {right.shape}: both must give a "
            "log-probability to the same tokens."
        )
    return [left, right]


def _real_tokens(mask: ArrayLike | None, shape: tuple[int, ...]) -> np.ndarray:
    """Where the real tokens are, as True; ValueError for a mask that does not say so."""
    if mask is None:
        return np.ones(shape, dtype=bool)
    array = np.asarray(mask)
    if array.dtype.kind != "b":
        array = numbers("mask", mask)
        other = ~((array == 0) | (array == 1))
        if other.any():
            raise ValueError(
                f"{place('mask', array, other)} is {array[other][0]:.12g}: a mask is True or 1 for "
                "a real token and False or 0 for padding."
            )
    if array.shape != shape:
        raise ValueError(
            f"mask has shape {array.shape} and log_p has shape {shape}: the mask must say of every "
            "token whether it is real."
        )
    return array.astype(bool)


def _require_log_probabilities(name: str, array: np.ndarray, real: np.ndarray, masked: bool):
    nan = real & np.isnan(array)
    if nan.any():
        raise ValueError(f"{place(name, array, nan)} is nan: {_padding(masked)}.")
    # A softmax in float32 may be as much above 0 by rounding, whatever it is stored in later.
    above = real & (array > max(rounding_allowance(array), ROUNDING_ALLOWANCE["f"]))
    if above.any():
        raise ValueError(
            f"{place(name, array, above)} is {array[above][0]:.12g}, but the log-probability of a "
            "token is at most 0: pass np.log of probabilities."
        )


def _padding(masked: bool) -> str:
    if masked:
        return "if it is padding, mask must be False there"
    return "if it is padding, pass mask, True for a real token"
