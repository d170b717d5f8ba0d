"""At the end of a run: what it cost, by part, in seconds of the processor and of the clock.

A test's own process is the smallest share of what it costs: kernels, servers and browsers count as
well, those that are still running and those that have ended. So each worker looks at all of its
descendants whenever it goes on to another part.
"""

import contextlib
import ctypes
import os
import sys
import time
from collections import Counter

import psutil
import pytest

PR_SET_CHILD_SUBREAPER = 36  # of <sys/prctl.h>
START = "start and collection"
LEFT_OVER = "the controller, and what outlived its starter"


def part_of(nodeid):
    """The part that a test belongs to: "tests/browser" or "notebooks"."""
    folders = nodeid.split("::")[0].split("/")[:-1]
    return "/".join(folders[:2]) or "."


def seconds_of_tree():
    """Processor seconds of this process, its descendants and all that they have waited for."""
    own = psutil.Process()
    total = 0.0
    for process in [own, *own.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            times = process.cpu_times()
            total += times.user + times.system + seconds_waited_for(times)
    return total


def begin_of_run():
    """The processor seconds that are no cost of the tests, and now.

    `course.py test` sets up, waits for that, which takes a minute, and then becomes this process.
    """
    return seconds_waited_for(psutil.Process().cpu_times()), time.time()


def seconds_waited_for(times):
    """Of processes that have ended; always 0 on macOS and Windows."""
    return times.children_user + times.children_system


class Meter:
    """Adds up what the tests of this process cost, by part."""

    def __init__(self, begin):
        self.processor, self.clock, self.tests = Counter(), Counter(), Counter()
        self.part = START
        self.since = begin

    def cost(self):
        return self.processor, self.clock, self.tests

    def go_on_to(self, part):
        now = (seconds_of_tree(), time.time())
        self.processor[self.part] += now[0] - self.since[0]
        self.clock[self.part] += now[1] - self.since[1]
        self.part, self.since = part, now

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item):
        part = part_of(item.nodeid)
        self.tests[part] += 1
        if part != self.part:
            self.go_on_to(part)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        self.go_on_to(START)  # servers that ended with the session are in it already
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["cost"] = [dict(part) for part in self.cost()]


class Report:
    """Gathers what the workers say and prints it."""

    def __init__(self, meter, begin):
        self.meter = meter
        self.workers = []
        self.before, self.begin = begin

    def pytest_testnodedown(self, node, error):
        if cost := (getattr(node, "workeroutput", None) or {}).get("cost"):
            self.workers.append([Counter(part) for part in cost])

    def pytest_terminal_summary(self, terminalreporter):
        costs = self.workers or [self.meter.cost()]
        processor, clock, tests = (sum(parts, Counter()) for parts in zip(*costs, strict=True))
        if self.workers:
            reap_orphans()
            rest = seconds_of_tree() - self.before - sum(processor.values())
            processor[LEFT_OVER] = max(rest, 0.0)
        terminalreporter.section("what it cost")
        for part, seconds in processor.most_common():
            terminalreporter.write_line(
                f"{seconds:8.1f} CPU s {clock[part]:8.1f} s  {tests[part]:6d} tests  {part}"
            )
        wall = time.time() - self.begin
        terminalreporter.write_line(
            f"{sum(processor.values()):8.1f} CPU s {wall:8.1f} s  {sum(tests.values()):6d} tests  "
            f"in all, on {len(self.workers) or 1} workers"
        )


def adopt_orphans():
    """Become the parent of processes whose own parent ends, so that what they cost is known."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans():
    """Let those that have ended go; this process waits for none of its own any more."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def pytest_configure(config):
    begin = begin_of_run()
    meter = Meter(begin)
    config.pluginmanager.register(meter, "klteach-meter")
    if hasattr(config, "workerinput"):
        return
    config.pluginmanager.register(Report(meter, begin), "klteach-cost")
    adopt_orphans()
