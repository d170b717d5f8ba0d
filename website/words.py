"""Words that fit a notebook only, and what the site says in their place."""

import re

# [← the one before], [↑ the map]: the page has a navigation of its own
NAVIGATION = re.compile(r"^\[[←↑].*$\n?", re.MULTILINE)

EXCHANGED = (
    (
        r"\[your copy\]\(\.\./my-work/[^)]+\), made from \[the blank original\]\(([^)]+)\)",
        r"[here](\1)",
    ),
    (r"Run the next cell: click it and press Shift\+Enter\. Then drag", "Drag"),
    (r"\n\n\| What you see \| What to do \|\n(?:\|.*\n?)+", ""),
    (
        r"Answers stay on this machine, in a small file beside your work\.",
        "Answers stay in this browser, and [My record](../record.html) keeps them as a file.",
    ),
    (
        r", so Run All never fails on an exercise you have not reached\.",
        ".",
    ),
    (r"Break the last cell in two of these ways and run it again\.", "It says one of these:"),
    (r" Remove the `#` to try it\.", ""),
    (
        r"`progress\(\)` shows where you stand:",
        "In the notebook `progress()` shows where you stand, here [My record](../record.html):",
    ),
    (
        r"Complete (the|a) function, run its cell, then run `check\(\.\.\.\)` below it; repeat as "
        r"often as you like\.\n"
        r"Stuck\? Remove the `#` before `hint\(\.\.\.\)` or `solution\(\.\.\.\)` and run that "
        r"cell\.",
        r"Complete \1 function, then `check(...)` it, as often as you like."
        " Stuck? `hint(...)` helps on, `solution(...)` shows an answer.",
    ),
    (
        r"JupyterLab's table of contents, the list at the left edge, jumps to any entry;",
        "*On this page* jumps to any entry;",
    ),
)
# What a reader of the site cannot do; where one of these is left, a rule is missing above.
OF_A_NOTEBOOK = re.compile(r"Shift\+Enter|Run All|my-work|your copy|Remove the `#`|Restart Kernel")


def for_the_site(source: str) -> str:
    """The text of a Markdown cell as the site says it."""
    text = NAVIGATION.sub("", source).strip()
    for pattern, said in EXCHANGED:
        text = re.sub(pattern, said, text)
    return text
