"""Leitner boxes: which review question is due in which notebook.

A question waits in one of three boxes. A right answer moves it up, a wrong one back to the first,
and the box says after how many notebooks it is due again. A notebook counts once its warm-up has
been answered; running the warm-up again in the same notebook does not move the clock.
"""

from dataclasses import dataclass

WAITS = (1, 3, 7)  # notebooks, for each box
MOST_WRONG = 2  # of one warm-up, so that wrong answers leave room for something else


@dataclass(frozen=True)
class Card:
    """What is known of one question: its box, when it was last answered, and how often."""

    box: int
    seen: int
    times: int

    @property
    def due(self) -> int:
        return self.seen + WAITS[self.box]


def cards_of(events: list[dict]) -> dict[str | None, Card]:
    """The card of every question that the review events answer, oldest event first.

    Events that do not say which question it was have None for its name.
    """
    cards: dict[str | None, Card] = {}
    for now, event in zip(_clock(events), events, strict=True):
        name = event.get("item")
        old = cards.get(name, Card(box=0, seen=now, times=0))
        box = min(old.box + 1, len(WAITS) - 1) if event.get("hit") is True else 0
        cards[name] = Card(box, now, old.times + 1)
    return cards


def choose(names: list[str], events: list[dict], warm_up: str, count: int) -> list[str]:
    """The `count` questions to ask in this warm-up, of `names` in the order for a beginner.

    First those of the first box that are due, two at most, then one that was never asked, so that
    there is room for what is new, then the others that are due, the longest wait first.
    """
    cards = cards_of(events)
    now = max(_clock(events), default=0)
    if events and events[-1].get("warm_up") != warm_up:
        now += 1
    new = [name for name in names if name not in cards]
    asked = sorted((name for name in names if name in cards), key=lambda name: cards[name].due)
    due = [name for name in asked if cards[name].due <= now]
    first_box = [name for name in due if cards[name].box == 0]
    others = [name for name in due if cards[name].box > 0]
    later = [name for name in asked if cards[name].due > now]
    first, rest = first_box[:MOST_WRONG], first_box[MOST_WRONG:]
    return [*first, *new[:1], *rest, *others, *new[1:], *later][:count]


def _clock(events: list[dict]) -> list[int]:
    """For each event the number of the notebook in which it was answered, from 0."""
    times: list[int] = []
    previous: dict | None = None
    for event in events:
        changed = previous is not None and event.get("warm_up") != previous.get("warm_up")
        times.append((times[-1] if times else 0) + changed)
        previous = event
    return times
