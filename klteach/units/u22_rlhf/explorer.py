"""Explorers of unit 22: the price of a nat, and a reward that is right only near the reference."""

import math

import numpy as np

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    diamond,
    each,
    line,
    number,
    rectangles,
)
from klteach.explorers.look import INK, MUTED, P_STYLE, Q_STYLE
from klteach.explorers.picture import Picture
from klteach.inference import best_of_n, tilted_policy
from klteach.measures import entropy, kl_divergence

BETAS = 10 ** (np.arange(-15, 16) / 15)  # prices of a nat, fifteen to a factor of ten
PRICES = [f"{beta:.2f}" if beta < 9.99 else "10" for beta in BETAS]
PRICE = "β, the price of a nat"
SMALL = {"fontsize": 9, "va": "center"}
DRAGGED = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.6}

# -- four answers ---------------------------------------------------------------------------------

ANSWERS = "ABCD"
REFERENCE = np.array([0.4, 0.3, 0.2, 0.1])
DRAWS = (2, 4, 8, 16)
LIMIT = 2.5  # nats; no policy for these answers gets beyond log 10
TOP = 4.4
CURVE = np.append(0.0, np.geomspace(0.02, 40, 44))  # 1/β along the frontier; its end is added


def price_of_a_nat():
    """Drag four rewards and the price of a nat, and see what policy they make of a reference."""
    return Explorer(
        title="A reward, a price, and the best policy",
        description=(
            "Above left: the shares of four answers under the reference, dashed, and under the "
            "best policy, solid. Below left: their rewards; those of B, C and D are bars to drag. "
            "Right: KL(π‖ref) across, expected reward up, and the frontier, the most reward that "
            "any policy has for so many nats. A diamond, to drag along it, is the policy at the "
            "price β; through it goes the line with the slope β, which meets the left edge at J. "
            "Squares: the best of 2, 4, 8 and 16 draws from the reference."
        ),
        controls=[
            Slider("b", "Reward of B", 0, 4, 1, start=2),
            Slider("c", "Reward of C", 0, 4, 1, start=1),
            Slider("d", "Reward of D", 0, 4, 1, start=1),
            Slider("price", PRICE, 0, len(BETAS) - 1, 1, start=15, names=PRICES),
        ],
        presets={
            "0, 1, 2, 4": {"b": 1, "c": 2, "d": 4},
            "one rare jackpot": {"b": 0, "c": 0, "d": 4},
            "all but A are good": {"b": 4, "c": 4, "d": 4},
            "nothing to choose": {"b": 0, "c": 0, "d": 0},
        },
        draw=_draw_four,
        update=_update_four,
    )


def _draw_four():
    picture = Picture(
        6.4,
        3.6,
        [["answers", "frontier"], ["rewards", "frontier"]],
        width_ratios=[1, 1.35],
    )
    answers, rewards, frontier = (picture.axes[name] for name in ("answers", "rewards", "frontier"))
    places = range(len(ANSWERS))
    answers.set(xlim=(-0.6, 3.6), ylim=(0, 1), xticks=places, xticklabels=ANSWERS)
    answers.set(yticks=[0, 0.5, 1], title="Policy, solid; reference, dashed")
    picture.shapes("policy", answers, count=4, alpha=0.8, **P_STYLE)
    for place, share in enumerate(REFERENCE):
        answers.bar(place, share, width=0.84, **Q_STYLE)
    rewards.set(xlim=(-0.6, 3.6), ylim=(0, 4.4), xticks=places, xticklabels=ANSWERS)
    rewards.set(yticks=[0, 2, 4], title="Reward: drag B, C, D")
    rewards.text(0, 0.45, "0", ha="center", **SMALL)
    for place, control in enumerate("bcd", start=1):
        picture.bars(control, rewards, positions=[place], width=0.6, **DRAGGED)
    frontier.set(xlim=(0, LIMIT), ylim=(0, TOP), xticks=[0, 1, 2], yticks=range(5))
    frontier.set_xlabel("KL(π‖ref) in nats")
    frontier.set_ylabel("expected reward", labelpad=15)  # room for the letter J
    frontier.set_title("Frontier; drag the point")
    picture.shapes("tangent", frontier, closed=False, facecolor="none", edgecolor=MUTED, lw=1.3,
                   linestyle=(0, (2, 2)))  # fmt: skip
    picture.shapes("frontier", frontier, closed=False, facecolor="none", edgecolor=INK, lw=1.8)
    picture.shapes("draws", frontier, count=len(DRAWS), facecolor="none", edgecolor=INK, lw=1.2)
    picture.shapes("here", frontier, zorder=4, ghost=True, facecolor=INK, linewidth=0)
    picture.held("here", "price")
    picture.texts("draws", frontier, count=len(DRAWS), offset=(5, -10), ha="left", fontsize=9)
    picture.texts("worth", frontier, offset=(-15, -4), ha="right", fontsize=10, fontweight="bold")
    return picture


def _update_four(state):
    rewards = np.stack([np.zeros(len(state.b)), state.b, state.c, state.d], axis=-1)
    beta = BETAS[state.price.astype(int)]
    kinds, kind = np.unique(rewards, axis=0, return_inverse=True)
    kind = kind.ravel()
    found = [_of_rewards(kind_of_rewards) for kind_of_rewards in kinds]
    curve = np.array([each_one[0] for each_one in found])[kind]
    drawn = np.array([each_one[1] for each_one in found])[kind]
    policy = _policies(rewards, beta)
    kl, reward = kl_divergence(policy, REFERENCE), (policy * rewards).sum(axis=-1)
    worth = reward - beta * kl
    end = np.minimum(LIMIT, (TOP - worth) / beta)
    limit = -np.log((REFERENCE * (rewards == rewards.max(axis=-1, keepdims=True))).sum(axis=-1))
    room = np.array([each_one[2] for each_one in found])[kind]
    boxes = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (0.022, 0.045)
    return Frame(
        shapes={
            "policy": _bars(np.arange(4), 0.5, policy),
            "frontier": curve[:, None],
            "tangent": line(
                np.stack([np.zeros_like(end), end], axis=-1),
                np.stack([worth, worth + beta * end], axis=-1),
            ),
            "draws": drawn[:, :, None] + boxes,
            "here": diamond(kl, reward, (0.042, 0.11)),
        },
        texts={
            "draws": (drawn[..., 0], drawn[..., 1], each(_names_of_draws, rewards.max(axis=-1))),
            "worth": (np.zeros((len(kl), 1)), worth[:, None], [["J"] for _ in kl]),
        },
        readouts=[
            Readout("expected reward", reward),
            Readout("KL(π‖ref)", kl, "nats"),
            Readout("J = reward − β · KL", worth),
        ],
        invariants=[
            Invariant("KL below its limit", limit - kl),
            Invariant("best of 4 below the frontier", room, digits=4),
        ],
        sentence=each(_sentence_four, np.argmax(policy / REFERENCE, axis=-1), policy, beta, kl,
                      reward, worth, rewards.max(axis=-1)),
        table=Table(
            tuple(ANSWERS),
            {
                "reward": rewards,
                "reference": np.broadcast_to(REFERENCE, policy.shape),
                "policy": policy,
                "log ratio": np.log(policy / REFERENCE),
            },
        ),
        tasks=[
            Task("Get KL above 2.2 nats.", kl > 2.2),
            Task(
                "Give D a reward, and make it as likely as A.",
                (abs(policy[:, 3] - policy[:, 0]) < 0.012) & (policy[:, 3] > 0.1),
            ),
            Task("Get a reward of 3.9 for at most 0.6 nats.", (reward >= 3.9) & (kl <= 0.6)),
        ],
    )  # fmt: skip


def _policies(rewards, beta):
    """The best policy for each row of rewards at its price; the library takes one price a call."""
    policies = np.empty_like(rewards, dtype=float)
    for price in np.unique(beta):
        rows = beta == price
        policies[rows] = tilted_policy(REFERENCE, rewards[rows], price)
    return policies


def _of_rewards(rewards):
    """For four rewards: the frontier, the best of n draws on the plane, and how far below it is."""
    policies = [tilted_policy(REFERENCE, rewards * t, 1.0) for t in CURVE]
    limit = REFERENCE * (rewards == rewards.max())
    points = _places(np.array([*policies, limit / limit.sum()]), rewards)
    drawn = _places(np.array([best_of_n(REFERENCE, rewards, n) for n in DRAWS]), rewards)
    with np.errstate(over="ignore"):
        log_z = np.array([_log_sum(rewards / beta) for beta in np.geomspace(0.02, 200, 500)])
    # of all lines above the frontier the lowest one, at the KL of each best-of-n
    above = (np.geomspace(0.02, 200, 500)[:, None] * (log_z[:, None] + drawn[:, 0])).min(axis=0)
    return points, drawn, float((above - drawn[:, 1])[DRAWS.index(4)])


def _log_sum(exponents):
    """log Σ ref exp(exponents)"""
    top = exponents.max()
    return top + math.log(REFERENCE @ np.exp(exponents - top))


def _places(policies, rewards):
    return np.stack([kl_divergence(policies, REFERENCE), policies @ rewards], axis=-1)


def _bars(places, width, heights):
    return rectangles(places - width / 2, 0.0, width, heights)


def _names_of_draws(best):
    return [f"best of {n}" if best and n in (4, 16) else "" for n in DRAWS]


def _sentence_four(favourite, policy, beta, kl, reward, worth, best):
    if best == 0:
        return "All rewards are equal: the best policy is the reference, at any price."
    return (
        f"At β = {number(beta, 2)} the best policy gives {ANSWERS[favourite]} with probability "
        f"{number(policy[favourite], 3)}, the reference with {number(REFERENCE[favourite], 1)}: a "
        f"reward of {number(reward, 2)} for {number(kl, 2)} nats, worth {number(worth, 2)} after "
        "the penalty."
    )


# -- a reward that is right only near the reference -----------------------------------------------

WORDS = np.arange(20, 401, 20)
HABIT = np.exp(-0.5 * ((WORDS - 120) / 80) ** 2)
HABIT = HABIT / HABIT.sum()  # how long the answers of the reference are
PROXY = WORDS / 100  # what the raters' model says: longer is better
LOSS = 0.5  # what a hundred words beyond the bend lose, where the proxy adds 1
LOW_BETAS = 10 ** (np.arange(-25, 6) / 15)  # down to where a single length is left
LOW_PRICES = [f"{beta:.2g}" for beta in LOW_BETAS]
STEEPNESS = np.geomspace(1 / 40, 200, 120)  # 1/β along the paths
FARTHEST = 8.6  # nats; the longest answer alone has 8.34


def reward_and_truth():
    """Lower the price of a nat, and see a proxy reward rise while the true one comes down."""
    return Explorer(
        title="A reward that is right near the reference",
        description=(
            "Above left: how long the answers are under the reference, dashed, and under the "
            "policy, solid. Below left: the proxy reward of each length, dashed and rising, and "
            "the true one, solid, which leaves it at an upright line to drag and falls from there. "
            "Right: KL(π‖ref) across and expected reward up, the proxy dashed and the truth solid, "
            "for all policies that are best for the proxy; a diamond to drag is the one at the "
            "price β."
        ),
        controls=[
            Slider("bend", "The proxy is right up to", 120, 400, 20, start=400, unit="words"),
            Slider("price", PRICE, 0, len(LOW_BETAS) - 1, 1, start=25, names=LOW_PRICES),
        ],
        presets={
            "right up to 200 words": {"bend": 200},
            "right up to 300 words": {"bend": 300},
            "no penalty": {"price": 0},
        },
        draw=_draw_lengths,
        update=_update_lengths,
    )


def _draw_lengths():
    picture = Picture(
        6.4,
        3.6,
        [["lengths", "frontier"], ["rewards", "frontier"]],
        width_ratios=[1.1, 1.3],
    )
    lengths, rewards, frontier = (picture.axes[name] for name in ("lengths", "rewards", "frontier"))
    for axes in (lengths, rewards):
        axes.set(xlim=(5, 415), xticks=[100, 200, 300, 400])
    lengths.set(ylim=(0, 1), yticks=[0, 0.5, 1], title="Length: policy; reference, dashed")
    picture.shapes("policy", lengths, count=len(WORDS), alpha=0.8, **P_STYLE)
    edges = np.append(WORDS - 10, WORDS[-1] + 10)
    style = {"edgecolor": Q_STYLE["edgecolor"], "linewidth": 2.0, "linestyle": (0, (4, 2))}
    lengths.stairs(HABIT, edges, fill=False, **style)
    rewards.set(ylim=(-0.4, 4.3), yticks=[0, 2, 4], xlabel="words", title="Reward: drag the bend")
    rewards.plot(WORDS, PROXY, color=MUTED, linewidth=1.6, linestyle=(0, (4, 2)))
    picture.shapes("truth", rewards, closed=False, facecolor="none", edgecolor=INK, lw=1.8)
    picture.line("bend", rewards, "x", (-0.4, 4.3), grip=0.85, edgecolor=INK, linewidth=1.2)
    frontier.set(xlim=(0, FARTHEST), ylim=(-0.4, 4.3), yticks=range(5))
    frontier.set(xlabel="KL(π‖ref) in nats", ylabel="expected reward")
    frontier.set_title("Proxy, dashed; truth: drag the point")
    proxy = _path(PROXY)
    frontier.plot(*proxy.T, color=MUTED, linewidth=1.6, linestyle=(0, (4, 2)))
    picture.shapes("true path", frontier, closed=False, facecolor="none", edgecolor=INK, lw=1.8)
    picture.shapes("proxy here", frontier, facecolor=MUTED, linewidth=0)
    picture.shapes("here", frontier, zorder=4, ghost=True, facecolor=INK, linewidth=0)
    picture.held("here", "price")
    return picture


def _true_reward(bend):
    """The true reward of each length: the proxy's up to the bend, and falling from there."""
    return PROXY - (1 + LOSS) * np.maximum(WORDS - bend, 0) / 100


def _path(reward):
    """KL and expected reward of the policies that are best for the proxy, at many prices."""
    policies = np.array([tilted_policy(HABIT, PROXY * t, 1.0) for t in STEEPNESS])
    return np.stack([kl_divergence(policies, HABIT), policies @ reward], axis=-1)


def _update_lengths(state):
    index = state.price.astype(int)
    beta = LOW_BETAS[index]
    policies = np.array([tilted_policy(HABIT, PROXY, price) for price in LOW_BETAS])
    truth = np.array([_true_reward(bend) for bend in state.bend])
    policy = policies[index]
    kl, proxy = kl_divergence(policy, HABIT), policy @ PROXY
    true = (policy * truth).sum(axis=-1)
    every = truth @ policies.T  # the true reward at each price, for the bend of each state
    best, habit = every.max(axis=-1), truth @ HABIT
    bends, bend = np.unique(state.bend, return_inverse=True)
    paths = np.array([_path(_true_reward(each_bend)) for each_bend in bends])[bend]
    spread = np.exp(entropy(policy))
    mean = policy @ WORDS
    size = np.array([0.14, 0.105])
    return Frame(
        shapes={
            "policy": _bars(WORDS, 15, policy),
            "truth": line(WORDS, truth),
            "true path": paths[:, None],
            "proxy here": diamond(kl, proxy, 0.7 * size),
            "here": diamond(kl, true, size),
        },
        readouts=[
            Readout("proxy reward", proxy),
            Readout("true reward", true),
            Readout("KL(π‖ref)", kl, "nats"),
            Readout("lengths in use, exp(entropy)", spread, digits=1),
        ],
        invariants=[
            Invariant("the proxy is above that of the reference", proxy - HABIT @ PROXY),
        ],
        sentence=each(_sentence_lengths, beta, mean, proxy, true, best, habit),
        table=Table(
            tuple(f"{words} words" for words in WORDS),
            {
                "reference": np.broadcast_to(HABIT, policy.shape),
                "policy": policy,
                "proxy": np.broadcast_to(PROXY, policy.shape),
                "truth": truth,
            },
        ),
        tasks=[
            Task(
                "With a bend at 200 words, find the price with the highest true reward.",
                (state.bend == 200) & (true > best - 1e-9),
            ),
            Task("Push the truth below where the reference starts.", true < habit),
            Task(
                "Keep only one length in use, and the true reward above 3.",
                (spread < 1.05) & (true > 3),
            ),
        ],
    )


def _sentence_lengths(beta, mean, proxy, true, best, habit):
    start = (
        f"At β = {beta:.2g} the policy writes {mean:.0f} words on average. The proxy says "
        f"{number(proxy, 2)}, "
    )
    if abs(proxy - true) < 5e-3:
        return start + "and the true reward is the same."
    if true < habit:
        return start + (
            f"the true reward is {number(true, 2)}, less than the {number(habit, 2)} of the "
            "reference."
        )
    if true < best - 5e-3:
        return start + f"the true reward is {number(true, 2)}; its best is {number(best, 2)}."
    return start + f"the true reward is {number(true, 2)}, its best."
