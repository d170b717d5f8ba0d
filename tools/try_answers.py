"""Shows what `check` says to the learners' answers that are kept beside each unit.

    .venv/bin/python tools/try_answers.py                 a table, and what went wrong
    .venv/bin/python tools/try_answers.py --unit 13 -v    also each message below its code
    .venv/bin/python tools/try_answers.py --question kl -v

Read the messages against the code now and then: whether they are true no test can say.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from klteach.practice.feedback import plain
from klteach.units import WRITTEN
from tests.units.learner_answers import RIGHT, WRONG, answers_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unit", metavar="NN", help="only this unit")
    parser.add_argument("--question", metavar="NAME", help="only this question")
    parser.add_argument("-v", "--verbose", action="store_true", help="every message with its code")
    chosen = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    odd = []
    for unit in WRITTEN:
        if chosen.unit and unit.code != chosen.unit.zfill(2):
            continue
        for answer in answers_of(unit):
            if chosen.question and answer.question != chosen.question:
                continue
            feedback = answer.feedback()
            counts[answer.kind, feedback.state] += 1
            said = f"{answer.question} | {answer.label} | {feedback.state}"
            refused = answer.kind == RIGHT and feedback.state != "correct"
            if refused or (answer.kind == WRONG and feedback.state in ("correct", "wrong")):
                odd.append(f"{answer.kind:6} {said}")
            if chosen.verbose:
                parts = (feedback.message, feedback.evidence, *feedback.notes)
                print(f"── {answer.kind}: {said}", answer.code, sep="\n")
                print(*(f"   » {plain(part)}" for part in parts if part), sep="\n", end="\n\n")
    print(*odd, sep="\n")
    for kind in dict.fromkeys(kind for kind, _ in counts):
        found = {state: n for (of, state), n in counts.most_common() if of == kind}
        print(f"{kind}: {sum(found.values())}; " + ", ".join(f"{n} {s}" for s, n in found.items()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KLTEACH_PROGRESS"] = str(Path(folder) / "progress.jsonl")
        main()
