"""The plan of the course: its parts, its units, its routes and the minutes of each unit."""

PARTS, UNITS = {"A": 0, "B": 7, "C": 11, "D": 15, "E": 19, "F": 23, "G": 30}, range(32)
CORE = {0, 1, 2, 4, 5, 6, 11, 13, 15, 16, 17, 19, 23}
ROUTES = {
    "Core": CORE,
    "LLM": CORE | {7, 20, 21, 22, 25, 27},
    "Statistician": CORE | {3, 8, 10, 12, 14, 18},
    "Monitoring": {*range(6), 11, 13, 17, *range(23, 30)},
}
MINUTES = dict(enumerate([
    20, 40, 45, 40, 40, 40, 50,  # A
    40, 40, 35, 45,  # B
    45, 45, 40, 50,  # C
    40, 45, 50, 45,  # D
    45, 50, 40, 50,  # E
    50, 60, 50, 50, 50, 40, 50,  # F
    60, 60,  # G
]))  # fmt: skip


def part_of(unit):
    return max(part for part, first in PARTS.items() if first <= unit)
