"""What every notebook of the course must be, one rule to a function.

A rule takes a notebook (and what it must agree with) and returns its findings: sentences for the
author, empty where all is well. Cells are counted from 1, as the author counts them on the screen.
"""

import ast
import io
import re
import tokenize
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

LESSON_SECTIONS = (
    "Warm-up",
    "Why it matters",
    "Predict",
    "Explore",
    "The idea",
    "By hand",
    "By code",
    "Predict again",
    "Where this bites",
    "Main take-away",
    "Next",
)
START_SECTIONS = (
    "Does it work?",
    "Predict",
    "Three verbs",
    "Map of the course",
    "Routes",
    "Main take-away",
    "Next",
)
MAP_LINK = "00_start_here.ipynb#cell-id=00-map-of-the-course-text"
# notation, glossary, bibliography: to look things up in, and no lessons
REFERENCE_NAME = re.compile(r"[A-Z]_\w+\.ipynb")
COPY = "copy_"  # stands before the name of an exercise that is the learner's
MOST_CELLS = 40
MOST_CODE_LINES = 16
PERMITTED_IMPORTS = {
    "collections",
    "fractions",
    "heapq",
    "itertools",
    "klteach",
    "math",
    "matplotlib",
    "numpy",
    "scipy",
    "statistics",
}
CDN = re.compile(r"https?://[\w.-]*(cdn|unpkg|jsdelivr|esm\.sh|skypack|googleapis)[\w./-]*", re.I)
MACHINE_PATH = re.compile(r"(?<![\w./:<])(?:/[\w.-]+){2,}|\b[A-Z]:\\[\w.-]+")
METRIC_DISTANCE = re.compile(
    r"""(?:Hellinger|Jensen[-–]Shannon|JS|Wasserstein|earth[ -]mover['’]s|total[ -]variation|
    Euclidean|Hamming|nearest-neighbou?r|metric|not\ an?|no)\s+distances?|
    ["“'‘]distances?[.,?]?["”'’]""",
    re.VERBOSE | re.IGNORECASE,
)


def code_cells(notebook):
    return [(n, c) for n, c in enumerate(notebook.cells, 1) if c.cell_type == "code"]


def text_cells(notebook):
    return [(n, c) for n, c in enumerate(notebook.cells, 1) if c.cell_type == "markdown"]


def prose(source):
    """The words of a markdown cell: no code, formulas, comments, images' marks or link targets."""
    for pattern in (
        r"```.*?```",
        r"`[^`]*`",
        r"\$\$.*?\$\$",
        r"\$[^$\n]+\$",
        r"<!--.*?-->",
        r"!(?=\[)",
        r"(?<=\])\([^)]*\)",
    ):
        source = re.sub(pattern, " ", source, flags=re.DOTALL)
    return source


def sections(notebook):
    """[(cell, name, minutes or None)] of the second-level headings."""
    found = []
    for number, cell in text_cells(notebook):
        for line in without_fences(cell.source).split("\n"):
            heading = re.match(r"## (.+?)(?: · (\d+) min)?$", line)
            if heading:
                found.append((number, heading[1], heading[2] and int(heading[2])))
    return found


def without_fences(source):
    return re.sub(r"```.*?```", "", source, flags=re.DOTALL)


# A lesson's skeleton


def section_order(notebook, expected):
    names = [name for _, name, _ in sections(notebook)]
    findings = [f'section "## {name}" is missing' for name in expected if name not in names]
    findings += [
        f'cell {number}: "## {name}" is no section of a lesson'
        for number, name, _ in sections(notebook)
        if name not in expected
    ]
    if not findings and names != list(expected):
        findings.append(f"the sections stand in the order {names}, not {list(expected)}")
    return findings


def time_marks(notebook):
    findings, latest = [], 0
    for number, name, minutes in sections(notebook):
        if minutes is None:
            findings.append(f'cell {number}: "## {name}" needs its time mark, " · N min"')
            continue
        if minutes < latest:
            findings.append(f'cell {number}: "## {name}" is at {minutes} min, after {latest} min')
        latest = max(latest, minutes)
    length = lesson_minutes(notebook)
    if length is not None and latest > length:
        findings.append(f"the last section begins at {latest} min of a lesson of {length} min")
    return findings


def lesson_minutes(notebook):
    found = re.search(r"\*\*Time:?\*\*[^\n]*?(\d+)\s*min", notebook.cells[0].source)
    return int(found[1]) if found else None


def header(notebook, name):
    source, lesson = notebook.cells[0].source, Path(name).stem.split("_")[0]
    findings = []
    if not re.match(rf"# {re.escape(lesson)} · \S", source):
        findings.append(f'the first cell must begin with "# {lesson} · Title"')
    if lesson_minutes(notebook) is None:
        findings.append("the first cell needs **Time** and the minutes")
    needs = re.search(r"\*\*Needs:?\*\*([^\n]*)", source)
    if not needs:
        findings.append("the first cell needs **Needs**")
    elif lesson != "00" and not links(needs[1]):
        findings.append("**Needs** must link to what is needed")
    compass = re.search(r"\*\*Compass:?\*\*([^\n]*)", source)
    words = re.sub(r"[*$`]", "", compass[1]) if compass else ""
    if "P = truth" not in words or "Q = model" not in words:
        findings.append("the first cell needs **Compass** with P = truth and Q = model")
    return findings + abilities(source)


def abilities(source):
    found = re.search(r"\*\*You will be able to:?\*\*[^\n]*\n+((?:\s*[-*] [^\n]*\n?)+)", source)
    if not found:
        return ["the first cell needs **You will be able to** and a list"]
    items = re.findall(r"^\s*[-*] (.*)$", found[1], re.MULTILINE)
    findings = []
    if not 3 <= len(items) <= 5:
        findings.append(f"**You will be able to** has {len(items)} items, not 3 to 5")
    for item in items:
        if re.search(r"\bunderstand", item, re.IGNORECASE):
            findings.append(f'"{item}": name something a learner can be seen to do')
    return findings


def navigation(notebook, name, lessons):
    """Previous, up and next in the first and in the last cell."""
    place = lessons.index(name)
    wanted = {}
    if place > 0:
        wanted["← the lesson before"] = lessons[place - 1]
        wanted["↑ Map of the course"] = MAP_LINK
    if place + 1 < len(lessons):
        wanted["the lesson after →"] = lessons[place + 1]

    def is_arrow(text):
        return text.startswith(("←", "↑")) or text.endswith("→")

    return missing_at_both_ends(notebook, wanted, is_arrow)


def missing_at_both_ends(notebook, wanted, counts=lambda text: True):
    """`wanted` is {label: target}; a link counts where `counts` says so of its text."""
    findings = []
    for where, cell in (("first", notebook.cells[0]), ("last", notebook.cells[-1])):
        shown = {target for text, target in links(cell.source) if counts(text)}
        for label, target in wanted.items():
            if target not in shown:
                findings.append(f"the {where} cell needs the link [{label}]({target})")
    return findings


# A notebook to look things up in


def is_reference(name):
    return bool(REFERENCE_NAME.fullmatch(name))


def reference_title(notebook, name):
    letter = name[0]
    if not re.match(rf"# {letter} · \S", notebook.cells[0].source):
        return [f'the first cell must begin with "# {letter} · Title"']
    return []


def reference_navigation(notebook, name, references):
    """The map and the other references in the first and in the last cell."""
    wanted = {"↑ Map of the course": MAP_LINK}
    wanted |= {Path(other).stem: other for other in references if other != name}
    return missing_at_both_ends(notebook, wanted)


def headings_are_unique(notebook):
    """Two headings with one text would share one anchor, and a link finds only the first."""
    names = [name for _, name, _ in sections(notebook)]
    return [
        f'cell {number}: "## {name}" stands here a second time'
        for place, (number, name, _) in enumerate(sections(notebook))
        if name in names[:place]
    ]


# Cells


def cell_count(notebook):
    if len(notebook.cells) > MOST_CELLS:
        return [f"{len(notebook.cells)} cells are more than {MOST_CELLS}"]
    return []


def code_length(notebook):
    return [
        f"cell {number}: {lines} lines of code are more than {MOST_CODE_LINES}"
        for number, cell in code_cells(notebook)
        if (lines := len(cell.source.split("\n"))) > MOST_CODE_LINES
    ]


def without_help(source):
    """The source without lines such as `kl_divergence??`, which the lessons teach."""
    return re.sub(r"^[\w.]+\?{1,2}$", "", source, flags=re.MULTILINE)


def plain_code(notebook):
    """No magics, no shell, no empty cells: what is left must be Python."""
    findings = []
    for number, cell in code_cells(notebook):
        if not cell.source.strip():
            findings.append(f"cell {number}: is empty")
        try:
            ast.parse(without_help(cell.source))
        except SyntaxError as error:
            line = cell.source.split("\n")[error.lineno - 1].strip()
            findings.append(f"cell {number}: no plain Python (a magic, a shell call?): {line}")
    return findings


def _parsed_cells(notebook):
    for number, cell in code_cells(notebook):
        source = without_help(cell.source)
        try:
            yield number, source, ast.parse(source)
        except SyntaxError:
            continue  # `plain_code` says so


def semicolons(notebook):
    findings = []
    for number, source, _ in _parsed_cells(notebook):
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        ends = {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER}
        for token, after in pairwise(tokens):
            if token.string == ";" and after.type in ends:
                findings.append(f"cell {number}: a semicolon at the end of line {token.start[0]}")
    return findings


def imports(notebook):
    findings = []
    for number, _, tree in _parsed_cells(notebook):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = ["." * node.level + (node.module or "")]
                if node.names[0].name == "*":
                    findings.append(f"cell {number}: import the names, not *")
            else:
                continue
            findings += [
                f"cell {number}: {module} is not among {sorted(PERMITTED_IMPORTS)}"
                for module in modules
                if module.split(".")[0] not in PERMITTED_IMPORTS
            ]
    return findings


# Pictures


def image_alt_texts(notebook):
    findings = []
    for number, cell in text_cells(notebook):
        source = without_fences(cell.source)
        for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)\s]*)", source):
            if not alt.strip():
                findings.append(f"cell {number}: the image {target[:40]} needs an alt text")
        for tag in re.findall(r"<img\b[^>]*>", source):
            if not re.search(r"""\balt=["'][^"'\s]""", tag):
                findings.append(f"cell {number}: {tag[:40]} needs an alt text")
    return findings


def output_alt_texts(notebook):
    return [
        f"cell {number}: a picture among the outputs has no alt text in its metadata"
        for number, cell in code_cells(notebook)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
        and not output.metadata.get("image/png", {}).get("alt", "").strip()
    ]


def sentence_after_picture(notebook):
    findings = []
    for number, cell in code_cells(notebook):
        if not any("image/png" in output.get("data", {}) for output in cell.outputs):
            continue
        after = notebook.cells[number] if number < len(notebook.cells) else None
        if after is None or after.cell_type != "markdown" or re.match(r"\s*#", after.source):
            findings.append(f"cell {number}: its picture must be followed by what it proves")
    return findings


# Words


def divergence_not_distance(notebook):
    findings = []
    for number, cell in text_cells(notebook):
        words = METRIC_DISTANCE.sub(" ", prose(cell.source))
        for found in re.finditer(r"[^.\n]{0,30}\bdistances?\b", words, re.IGNORECASE):
            findings.append(f'cell {number}: "divergence" is meant: ...{found[0].strip()}')
    return findings


def voice(notebook):
    """No exclamation marks, no words that belittle a difficulty: in prose, comments and strings."""
    findings = []
    for number, words in _all_words(notebook):
        if "!" in words:
            start = max(words.index("!") - 30, 0)
            findings.append(
                f"cell {number}: an exclamation mark: {words[start : words.index('!') + 1].strip()}"
            )
        for found in re.findall(r"\b(simply|obviously|trivially)\b", words, re.IGNORECASE):
            findings.append(f'cell {number}: leave out "{found}"')
    return findings


def _all_words(notebook):
    for number, cell in text_cells(notebook):
        yield number, prose(cell.source)
    for number, source, tree in _parsed_cells(notebook):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield number, token.string
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield number, node.value


# Links and paths


def links(source):
    """[(text, target)] of the links and images of a markdown text."""
    source = re.sub(r"`[^`]*`", "", without_fences(source))
    target = r"(?:[^()\s>]|\([^()\s>]*\))*"  # which may hold a pair of parentheses itself
    found = re.findall(rf"""\[([^\]]*)\]\(<?({target})>?(?:\s+["'][^)]*)?\)""", source)
    found += [("", target) for target in re.findall(r"""(?:href|src)=["']([^"']*)""", source)]
    found += [("", target) for target in re.findall(r"^\[[^\]]+\]:\s*(\S+)", source, re.MULTILINE)]
    return found


def anchors(notebook):
    """What a link to a part of the notebook can name in JupyterLab.

    A heading's anchor is its text with hyphens for blanks; a tag's is its id.
    """
    found = set()
    for _, cell in text_cells(notebook):
        source = without_fences(cell.source)
        found.update(re.findall(r"""<\w+\s[^>]*\bid=["']([^"']+)["']""", source))
        for heading in re.findall(r"^#{1,6}\s+(.*?)\s*$", source, re.MULTILINE):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
            found.add(re.sub(r"[*`]|<[^>]+>", "", text).replace(" ", "-"))
    return found


def cell_anchors(notebook):
    """What a link from another notebook can name besides.

    A heading is found only in a notebook that is open already; a cell is found on opening, too.
    """
    return {f"cell-id={cell.id}" for cell in notebook.cells if "id" in cell}


def broken_links(notebook, path, root, read):
    """Links that lead nowhere; `read(path)` gives the notebook of a path, for its anchors."""
    findings = []
    for number, cell in text_cells(notebook):
        for _, target in links(cell.source):
            problem = _link_problem(target, notebook, Path(path), Path(root).resolve(), read)
            if problem:
                findings.append(f"cell {number}: ({target}) {problem}")
    return findings


def _link_problem(target, notebook, path, root, read):
    parts = urlsplit(target)
    if parts.scheme in ("https", "mailto", "attachment"):
        return None
    if parts.scheme or parts.netloc or target.startswith("/"):
        return "must be relative, or https"
    linked = notebook
    if parts.path:
        file = (path.parent / unquote(parts.path)).resolve()
        if not file.is_relative_to(root):
            return "leaves the course's folder"
        inside = file.relative_to(root)
        if inside.parts[:1] in (("my-work",), ("exercises",)):
            # what the exercise is made from, and from it the learner's copy
            source = Path(*inside.parts[1:]).as_posix()
            if inside.parts[0] == "my-work":
                if not source.startswith(COPY):
                    return "leads to no file"
                source = source.removeprefix(COPY)
            file = root / "solutions" / source
        if not file.exists():
            return "leads to no file"
        if not parts.fragment:
            return None
        linked = read(file) if file.suffix == ".ipynb" else None
    if linked is None:
        return "has an anchor that cannot be looked up"
    if not parts.fragment.isascii() or "%" in parts.fragment:
        return "has an anchor beyond plain letters, which JupyterLab does not find"
    known = anchors(linked) | (cell_anchors(linked) if parts.path else set())
    if parts.fragment not in known:
        return "has an anchor that names no heading and no cell"
    return None


def content_delivery_networks(notebook):
    return [
        f"cell {number}: {found[0]} is fetched from the network"
        for number, cell in enumerate(notebook.cells, 1)
        for text in (cell.source, *_output_texts(cell))
        for found in CDN.finditer(text)
    ]


def machine_paths(notebook):
    return [
        f"cell {number}: {found[0]} is a path of one machine"
        for number, cell in enumerate(notebook.cells, 1)
        for text in (cell.source, *_output_texts(cell))
        for found in MACHINE_PATH.finditer(text)
    ]


def _output_texts(cell):
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        values = [output.get("text"), *(data[kind] for kind in data if kind != "image/png")]
        alts = [part.get("alt") for part in output.get("metadata", {}).values() if part]
        yield from (value for value in values + alts if isinstance(value, str))


# Exercises

QUESTION_HEADING = re.compile(r"## E\d+[a-z]? · (\w+) · \d+ min · difficulty [1-5]/5(\n|$)")


def exercise_title(notebook, name, kind):
    """`kind` is "Exercises" or "Solutions"."""
    lesson = Path(name).stem.split("_")[0]
    findings = []
    if not re.match(rf"# {kind} {re.escape(lesson)} · \S", notebook.cells[0].source):
        findings.append(f'the first cell must begin with "# {kind} {lesson} · Title"')
    back = f"../notebooks/{name}"
    if back not in [target for _, target in links(notebook.cells[0].source)]:
        findings.append(f"the first cell needs a link back to the lesson, ({back})")
    return findings


def exercise_questions(notebook, points):
    """The notebook asks exactly the questions of `points`, {name: points}, each in full form."""
    findings, asked = [], []
    starters = [
        (number, cell) for number, cell in code_cells(notebook) if _grading(cell).get("solution")
    ]
    for number, starter in starters:
        name = _grading(starter)["grade_id"]
        asked.append(name)
        if name not in points:
            findings.append(f"cell {number}: klteach.practice has no question {name!r} here")
            continue
        findings += [
            f"cell {number}: {name}: {problem}"
            for problem in _question_problems(notebook, number - 1, name, points[name])
        ]
    for name in points:
        if name not in asked:
            findings.append(f"the question {name!r} is not asked")
    checks = [n for n, cell in code_cells(notebook) if _grading(cell).get("grade")]
    if len(checks) != len(starters):
        findings.append(f"{len(checks)} graded cells for {len(starters)} starter cells")
    return findings


def _grading(cell):
    return cell.metadata.get("nbgrader", {})


def _question_problems(notebook, index, name, points):
    """What is wrong about the question whose starter is cells[index]."""
    before, starter = notebook.cells[index - 1], notebook.cells[index]
    check, verbs = (*notebook.cells[index + 1 : index + 3], None, None)[:2]
    problems = []
    heading = QUESTION_HEADING.match(before.source) if before.cell_type == "markdown" else None
    if not heading or heading[1] != name:
        problems.append(f'needs the heading "## E1 · {name} · 8 min · difficulty 2/5" above')
    if "Prepares for" not in before.source:
        problems.append('its text must say what it "Prepares for"')
    try:
        defined = [n for n in ast.parse(starter.source).body if isinstance(n, ast.FunctionDef)]
    except SyntaxError:
        defined = []
    if not any(f.name == name and ast.get_docstring(f) for f in defined):
        problems.append(f"the starter must define {name} with a docstring")
    if check is None or check.source != f'check("{name}")':
        problems.append(f'the next cell must be check("{name}") alone')
    elif _grading(check).get("grade_id") != f"check_{name}":
        problems.append(f'the check\'s grade_id must be "check_{name}"')
    elif _grading(check).get("points") != points:
        problems.append(f"{_grading(check).get('points')} points, not {points} as in klteach")
    if verbs is None or verbs.source != f'# hint("{name}")\n# solution("{name}")':
        problems.append("the cell after the check must be the commented hint and solution")
    return problems


def sections_of_questions(notebook, wanted):
    """`wanted` is {question: section of the lesson it sends the learner to}."""
    names = {name for _, name, _ in sections(notebook)}
    return [
        f"{question} sends the learner to the section {section!r}, which is not there"
        for question, section in wanted.items()
        if section not in names
    ]


# All of it


def lint(notebook, path, root, read, names):
    """Every finding about the form of one notebook; `names` are those of notebooks/, in order."""
    path = Path(path)
    findings = []
    for rule in (
        plain_code,
        semicolons,
        imports,
        image_alt_texts,
        output_alt_texts,
        sentence_after_picture,
        divergence_not_distance,
        voice,
        content_delivery_networks,
        machine_paths,
    ):
        findings += rule(notebook)
    findings += broken_links(notebook, path, root, read)
    if is_reference(path.name):
        findings += reference_title(notebook, path.name)
        findings += reference_navigation(notebook, path.name, filter(is_reference, names))
        findings += headings_are_unique(notebook)
        findings += code_length(notebook)
        return findings
    findings += cell_count(notebook)
    if path.parent.name == "notebooks":
        lessons = [name for name in names if not is_reference(name)]
        start = path.name.startswith("00_")
        findings += section_order(notebook, START_SECTIONS if start else LESSON_SECTIONS)
        findings += time_marks(notebook)
        findings += header(notebook, path.name)
        findings += navigation(notebook, path.name, lessons)
        findings += code_length(notebook)
    else:
        findings += exercise_title(notebook, path.name, path.parent.name.capitalize())
        if path.parent.name == "exercises":
            findings += code_length(notebook)
    return findings
