"""The six briefs of unit 31: what may be chosen, and what would go wrong."""

from klteach.units.u31_capstone.brief import Line, brief

LESSON = "31_capstone"
PLACE = {"lesson": LESSON, "section": "The idea"}


# E1: an alarm on orders

ORDERS_ALARM = brief(
    "orders_alarm",
    [
        Line(
            "measure",
            ("psi", "kl"),
            {
                "tv": "a new kind with 0.5 % of the orders moves total variation by 0.005, as much "
                "as 0.5 % that change places between old kinds. To PSI it is worth 0.03.",
                "w1": "W1 needs places, and kinds of payment have none. A tenth of the orders that "
                "goes from kind 1 to kind 2 makes 0.1, from kind 1 to kind 12 it makes 1.1.",
            },
        ),
        Line(
            "empty cells",
            ("half-row",),
            {
                "epsilon": "the new kind adds 0.08 to PSI with an ε of 1e-9, and 0.11 with 1e-12. "
                "The answer would be the ε.",
                "drop": "a kind that the baseline never had is left out, so it adds 0, whatever "
                "its share. To see it is what the brief asks for.",
                "leave": "the first order of a new kind makes the value infinite: one in 900, and "
                "the alarm rings.",
            },
        ),
        Line(
            "null",
            ("days",),
            {
                "rows": "orders of one day share its weather and its campaigns. In the flights of "
                "the lesson a line drawn by rows rang on 25 of 28 days, one drawn by days on 4.",
                "cutoff": "0.1 knows neither the rows nor how much good days differ, so nobody can "
                "say how often it rings by chance. In the lesson 17 of 31 good days were above it.",
            },
        ),
        Line(
            "reason",
            ("days-differ",),
            {
                "many-rows": "27,000 orders make the line of a null by rows low, about 0.02. They "
                "do not make one good day like another.",
                "usual-line": "a custom has no rate of false alarms: in ten cells, two samples of "
                "one law have a PSI above 0.1 in a third of cases with 200 rows each, and in none "
                "with 20,000.",
            },
        ),
    ],
    hints=[
        "Which of the four could tell a new kind from a kind that is a little more frequent? And "
        "what is drawn anew, an order or a day, if nothing has happened?",
        "PSI or KL(today‖baseline) with half a row in each cell, each good day held against the "
        "others. What is left is why days and not rows.",
    ],
    insight="A new kind counts, no cell is infinite, and the line is what good days make of "
    "themselves: 30 of them, so about one false alarm a month.",
    **PLACE,
)


# E2: which of two language models

TWO_MODELS = brief(
    "two_models",
    [
        Line(
            "measure",
            ("cross-entropy",),
            {
                "kl-a-b": "KL(A‖B) says how far the two models are apart. It is 0 for two that are "
                "equally bad, and above 0 whichever is the better one.",
                "own-entropy": "the entropy of what a model writes says how sure it is, not how "
                "right. A model that always writes the same sentence has 0.",
            },
        ),
        Line(
            "samples",
            ("people",),
            {
                "model-a": "texts that A writes favour A, whatever it is worth: by Gibbs' "
                "inequality H(A) ≤ H(A, B), with a gap of 0 for equal models only.",
                "both-models": "half of the texts favours A and half B. What is compared then is "
                "KL(B‖A) with KL(A‖B), and people appear in 0 of the terms.",
            },
        ),
        Line(
            "unit",
            ("bits-per-byte", "nats-per-byte"),
            {
                "nats-per-token": "2.05 is below 2.31 only because A cuts the same text into more "
                "tokens: 1 of B's is 1.2 of A's. A text costs what all its tokens cost.",
                "perplexity": "7.8 and 10.1 are perplexities of a token, and a token of A is 4.0 "
                "bytes long, one of B 4.8. It is the fault of nats per token, as a power of e.",
            },
        ),
        Line(
            "null",
            ("documents",),
            {
                "tokens": "tokens of a document are alike. With 1000 in each and a correlation of "
                "0.01 between them, the standard error is 3.3 times that of independent ones.",
                "none": "0.03 nats a byte is a mean over 200 documents. Without its standard error "
                "nobody can tell it from 0.",
            },
        ),
        Line(
            "reason",
            ("paired",),
            {
                "many-tokens": "200,000 tokens of 200 documents are 200 independent texts, not "
                "200,000.",
                "two-means": "documents differ in difficulty, and that is in both means. If the "
                "two losses of a document have a correlation of 0.9, the error of their difference "
                "is 3.2 times smaller than that of two separate means.",
            },
        ),
    ],
    hints=[
        "Who is the truth here, and what do A and B have in common that may be compared?",
        "The cross-entropy of texts by people, per byte; for each document the difference of the "
        "two losses, and the standard error of these differences",
    ],
    insight="Per byte B is better, 0.48 nats against 0.51: the table per token says the opposite. "
    "The 200 differences have a standard error, and that decides.",
    **PLACE,
)


# E3: a distillation loss that will not fall

STUCK_LOSS = brief(
    "stuck_loss",
    [
        Line(
            "floor",
            ("teacher-entropy",),
            {
                "zero": "a cross-entropy of 0 takes a teacher who gives everything to one class. "
                "This one, at T = 4, gives its first class 0.54.",
                "log-classes": "16 · log 5 = 25.8 is what a student pays who says nothing at all. "
                "Every loss in the log is below that.",
            },
        ),
        Line(
            "to watch",
            ("kl",),
            {
                "loss": "from epoch 5 to epoch 20 the loss falls by 0.05 %, and what is left above "
                "its floor by 39 %. It moves where this number hardly shows it.",
                "accuracy": "a student who gives 0.9 to the first class and 0.025 to each other "
                "one agrees with the teacher on every image, and is 0.47 nats away from it.",
            },
        ),
        Line(
            "next step",
            ("subtract-floor",),
            {
                "learning-rate": "three times the rate ended at 20.65 as well, and so did another "
                "start. Nothing is stuck that a larger step could free.",
                "temperature": "at T = 8 the floor is 98: the number gets larger, whatever the "
                "student has learnt.",
                "no-factor": "without T² the number is 16 times smaller, and so is the gradient. "
                "What share of it is floor stays as it was.",
            },
        ),
        Line(
            "direction",
            ("teacher-first",),
            {
                "student-first": "in KL(student‖teacher) the entropy is the student's own, and it "
                "moves. A student who says only the first class has 0.62 nats there, and ∞ in this "
                "loss.",
            },
        ),
        Line(
            "reason",
            ("constant-term",),
            {
                "bad-minimum": "a bad minimum would leave KL large. What is left above the floor, "
                "divided by T², is 0.001 nats.",
                "saturated": "gradients fade where a softmax is nearly 0 or 1. At T = 4 the "
                "teacher's shares lie between 0.07 and 0.54.",
            },
        ),
    ],
    hints=[
        "Write the loss as an entropy plus a KL. Which of the two can the student change?",
        "T² · H(teacher, student) = T² · H(teacher) + T² · KL(teacher‖student): subtract the "
        "first term, which no training moves, and log the second",
    ],
    insight="A loss of 20.65 is a KL of 0.001 nats and a constant. E7 computes the constant: log "
    "what is left above it.",
    **PLACE,
)


# E4: a negative KL in a log

NEGATIVE_KL = brief(
    "negative_kl",
    [
        Line(
            "cause",
            ("sampler",),
            {
                "chance": "the standard error of a batch is 0.4/√60,000 = 0.0016, and -0.018 is 11 "
                "of them below 0.",
                "nearness": "a KL is 0 for equal policies and never below. For the pair of unit 22 "
                "such a mean is -0.18, and KL is 0.054.",
                "rounding": "the rounding of a log probability is about 1e-6, of either sign. That "
                "does not make -0.018 on average.",
            },
        ),
        Line(
            "direction",
            ("policy-first",),
            {
                "reference-first": "the penalty is paid on what the policy writes. For KL(ref‖π), "
                "0.047 on the pair of unit 22, texts of the reference are needed, and the trainer "
                "has none.",
            },
        ),
        Line(
            "estimator",
            ("exact-sum", "full-sampling"),
            {
                "k3": "k3 is never negative, and its mean still runs over the wrong tokens. For "
                "the pair of unit 22 with two tokens to draw from it gives 0.025, and KL is 0.054.",
                "absolute": "the absolute value makes 0.18 of -0.18 on the pair of unit 22, where "
                "KL is 0.054. The sign was not the fault, it showed it.",
                "clip": "max(0, ·) shows 0 from the third batch on, and 0 on the pair of unit 22, "
                "where KL is 0.054. The log looks healthy and the policy pays nothing.",
            },
        ),
        Line(
            "reason",
            ("other-law",),
            {
                "few-tokens": "more tokens take the noise away, not the fault: for the pair of "
                "unit 22 the mean goes to -0.18, however many are drawn.",
                "small-beta": "the reward is r - β · estimate. With an estimate of -0.018 a larger "
                "β pays more for drifting: at β = 1 it is a bonus of 0.018 a token.",
            },
        ),
    ],
    hints=[
        "A KL cannot be negative, and a mean of log ratios can. When is the second one the first?",
        "KL(π‖ref) is the mean of log π - log ref over tokens drawn from π, all of them: sum over "
        "the vocabulary, or draw without top-k",
    ],
    insight="A mean of log ratios is KL(π‖ref) only under π. Top-k draws from another law: for the "
    "pair of unit 22 it leaves the two tokens that π has made rarer than they were.",
    **PLACE,
)


# E5: unequal arms

UNEQUAL_ARMS = brief(
    "unequal_arms",
    [
        Line(
            "reference",
            ("plan",),
            {
                "half": "against 50:50 this split has a PSI of 0.92, and one that is exactly as "
                "planned has 0.88: an alarm of every such test.",
                "last-test": "another test of 100,000 people has a chance of its own, and the "
                "variance of a difference is 2 times as large. The plan is known exactly.",
            },
        ),
        Line(
            "measure",
            ("2n-kl",),
            {
                "psi": "PSI of this split is 0.0003, for 100 people as for 100,000. The question "
                "is whether chance does that, and chance alone makes 0.00001 here.",
                "share": "9.45 % for 10 % looks like little until it is held against its standard "
                "error, which is 0.095 %.",
            },
        ),
        Line(
            "rows",
            ("people",),
            {
                "pages": "all pages of a person are in one arm. 12 pages each make 2n·KL 12 times "
                "as large, 410 for 34, and alarms of nothing.",
            },
        ),
        Line(
            "next step",
            ("find-cause",),
            {
                "weight": "weights repair the sizes and not the people. Whoever is missing, up to "
                "5.5 % of the second arm, is replaced by copies of those who stayed.",
                "read-on": "550 people are missing in the second arm. If none of them would have "
                "bought, it has 2.37 % and not 2.51 %.",
            },
        ),
        Line(
            "reason",
            ("missing-by-cause",),
            {
                "less-power": "a 90:10 test has less power than a 50:50 one, and that was planned. "
                "It is no reason why 550 should be missing.",
                "large-n": "with 100,000 people chance moves the second arm by about 95, not by "
                "550. A large n makes the split more even, not less.",
            },
        ),
    ],
    hints=[
        "What was promised, and of how many independent draws is the split the result?",
        "2n · KL(split‖plan) is a χ² with 1 degree if people were dealt out by the plan: here 34. "
        "Who is missing, and why?",
    ],
    insight="2n·KL = 34, p = 5e-9: the arms were not dealt out as planned, whatever PSI says. "
    "First find who is missing, then read the outcome.",
    **PLACE,
)


# E6: a table with three kinds of divergence

COLUMNS = {"A": 0.640, "B": 0.074, "C": 0.311}  # in the last row, for a shift of 0.8
KINDS = {
    "psi": 0.640,
    "kl": 0.320,
    "js-nats": 0.074,
    "js-bits": 0.107,
    "root-js-nats": 0.272,
    "root-js-bits": 0.327,
    "tv": 0.311,
    "hellinger": 0.277,
    "w1": 0.800,
}


def _column(letter):
    """The line of a column: each kind that it is not says what it would be in the last row."""
    here = COLUMNS[letter]
    right = next(kind for kind, value in KINDS.items() if value == here)
    wrong = {
        kind: f"at a shift of 0.8 it would be {value:.3f}, and column {letter} has {here:.3f}."
        for kind, value in KINDS.items()
        if kind != right
    }
    return Line(f"column {letter}", (right,), wrong)


ONE_CUTOFF = brief(
    "one_cutoff",
    [
        *map(_column, COLUMNS),
        Line(
            "common scale",
            ("shift",),
            {
                "factor": "no factor turns one column into another: A divided by C is 0.50 in the "
                "first row and 2.06 in the last.",
                "rank": "the three columns rank all rows alike, and still one cutoff of 0.1 is "
                "passed by C from a shift of 0.25 on, by A from 0.32 and by B from 0.94.",
                "bits": "bits are 1.44 times nats, for all that has a unit. A is 8 to 9 times B.",
            },
        ),
        Line(
            "reason",
            ("square-or-root",),
            {
                "units": "between bits and nats there is a factor of 1.44, the same in every row. "
                "A divided by C is 4 times larger in the last row than in the first.",
                "sampling": "nothing was sampled: these are exact values of two normal laws, and a "
                "second run would print the same 9 numbers.",
            },
        ),
    ],
    hints=[
        "By which factor does a column grow when the shift doubles, 2 or 4? And what is the value "
        "for 0.2?",
        "For normals with sd 1: KL = δ²/2, PSI = δ², JS ≈ δ²/8 nats, TV = 2Φ(δ/2) - 1, "
        "Hellinger² = 1 - exp(-δ²/8), W1 = δ. The shift δ is a scale that all of them can be "
        "brought to",
    ],
    insight="Three columns, one word, and a cutoff of 0.1 means three shifts. Write the measure "
    "and its unit beside every number, and say what shift it stands for.",
    **PLACE,
)


BRIEFS = [ORDERS_ALARM, TWO_MODELS, STUCK_LOSS, NEGATIVE_KL, UNEQUAL_ARMS, ONE_CUTOFF]
