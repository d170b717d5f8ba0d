"""A simulated team of agents, in which the planner begins to skip the researcher's turn.

Nothing here was observed. A task goes from the planner to the researcher, the writer and the
reviewer; on the new path the writer comes before the researcher. The reviewer lets a draft pass
with 90 %, and with 60 % if it was written before the research; else it goes back to the writer, at
most twice. Of what has passed, 3 % fail for other reasons. The new path has 2 % of the tasks, and
from day 21 on one point more each day: the retries hide from the completion rate what it does.
"""

from itertools import pairwise

import numpy as np

AGENTS = ("between tasks", "planner", "researcher", "writer", "reviewer")
USUAL, NEW = (0, 1, 2, 3, 4), (0, 1, 3, 2, 4)
DAYS, GOOD_DAYS = 60, 20
TRIES = 3


def share_of_new_path(day):
    return 0.02 + 0.01 * max(0, day - GOOD_DAYS)


def a_day(random, tasks, share):
    """(how often each agent handed over to each, the share of tasks completed)."""
    new = random.random(tasks) < share
    passed = random.random((tasks, TRIES)) < np.where(new, 0.6, 0.9)[:, None]
    tries = np.where(passed.any(axis=1), passed.argmax(axis=1) + 1, TRIES)
    completed = passed.any(axis=1) & (random.random(tasks) < 0.97)
    table = np.zeros((len(AGENTS), len(AGENTS)), dtype=int)
    for path, there in ((USUAL, tasks - new.sum()), (NEW, new.sum())):
        for before, after in pairwise(path):
            table[before, after] += there
    retries = int((tries - 1).sum())
    table[4, 3] += retries
    table[3, 4] += retries
    table[4, 0] += tasks
    return table, completed.mean()


def days_of(tasks, seed):
    """Tables (60, 5, 5) and completion rates (60,) of as many days: 20 good ones, 40 others."""
    random = np.random.default_rng(seed)
    found = [a_day(random, tasks, share_of_new_path(day)) for day in range(1, DAYS + 1)]
    tables, completed = zip(*found, strict=True)
    return np.array(tables), np.array(completed)
