"""The colours and type of every picture: P solid blue, Q dashed orange, a difference hatched.

Matplotlib draws with the light theme's colours. In the browser each of them becomes a CSS variable,
so that the same drawing follows JupyterLab's light and dark theme.
"""

from typing import Any

INK = "#1b1b1b"
MUTED = "#6b6b6c"
FAINT = "#d4d4d5"
P_COLOUR = "#0072b2"  # Okabe-Ito blue
Q_COLOUR = "#d55e00"  # Okabe-Ito vermilion: its orange is too pale to be seen on white
DIFFERENCE_COLOUR = "#009e73"  # Okabe-Ito bluish green
BROKEN_COLOUR = "#b00020"  # a promise that is not kept; never the only sign

CSS_VARIABLES = {
    INK: "var(--klx-ink)",
    MUTED: "var(--klx-muted)",
    FAINT: "var(--klx-faint)",
    P_COLOUR: "var(--klx-p)",
    Q_COLOUR: "var(--klx-q)",
    DIFFERENCE_COLOUR: "var(--klx-difference)",
    BROKEN_COLOUR: "var(--klx-bad)",
}

P_STYLE = {"facecolor": P_COLOUR, "edgecolor": P_COLOUR, "linewidth": 1.2}
Q_STYLE = {"facecolor": "none", "edgecolor": Q_COLOUR, "linewidth": 2.0, "linestyle": (0, (4, 2))}
DIFFERENCE_STYLE = {
    "facecolor": "none",
    "edgecolor": DIFFERENCE_COLOUR,
    "linewidth": 1.2,
    "hatch": "////",
}

# Matplotlib knows its own keys, and they differ from version to version
MATPLOTLIB_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "hatch.linewidth": 1.1,
    "figure.facecolor": "none",
    "svg.fonttype": "none",  # text stays text: it can be read, scaled and themed
    "svg.hashsalt": "klteach",  # the same drawing has the same ids every time
}
