"""Unit 25: predictions and review questions on token histograms."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "25-register",
        "By KL of the words, which moves further: the addresses of another generation, 1961–69 or "
        "2017–20 against 1981–2000, or Carter's written messages against the addresses that he "
        "spoke in the same three years?",
        Choice(
            (
                Option(
                    "another generation: it has other topics",
                    "Topics change some words. Form changes how every sentence is built.",
                    "topic-moves-more-than-form",
                ),
                Option(
                    "both about the same: each is another 0.1 nats",
                    "There is no common size: the numbers run from 0.08 to 0.28 nats.",
                    "all-text-drifts-alike",
                ),
                Option(
                    "Carter's: what is written has other words than what is spoken",
                    "Contractions, *you* and *tonight* go; *legislation* and *program* come.",
                ),
                Option(
                    "another generation: one author in the same years hardly moves at all",
                    "The author and the years are the same. The form is not.",
                    "same-author-same-words",
                ),
            )
        ),
        reveal="Written against spoken is 0.276 nats. Against 1981–2000, 1961–69 is 0.114, 2001–08 "
        "is 0.095, 2009–16 is 0.080 and 2017–20 is 0.142. The first number is somewhat too large, "
        "and the lesson corrects it; the order stays.",
    ),
    Prediction(
        "25-one",
        "The source has one address of 2025 and 2026. It has 10 864 words and is 0.219 nats from "
        "1981–2000, further than any cohort since 1961. Do the addresses of these years have "
        "another language?",
        Choice(
            (
                Option(
                    "yes: 0.219 is far above 0.142, the largest of the others",
                    "The others are sums of three to ten addresses, in which the topic of one "
                    "address is averaged out.",
                    "one-document-is-a-cohort",
                ),
                Option(
                    "it cannot be said: one address is one draw",
                    "One address alone is far from the rest, whatever its years.",
                ),
                Option(
                    "yes: 10 864 words are a large sample",
                    "They are 10 864 words of one address, with one set of topics.",
                    "words-are-the-sample",
                ),
                Option(
                    "no: 0.219 is below 0.25",
                    "A cutoff that knows neither the number of words nor that of cells decides "
                    "nothing.",
                    "psi-cutoff-is-universal",
                ),
            )
        ),
        reveal="Single addresses of 1981–2000, each against the other 16, are 0.089 to 0.168 nats "
        "away. This one is further than all of them, and with 17 to compare it with the p-value "
        "cannot be below 1/18 = 0.056. It may be an unusual address; for a statement about two "
        "years, one is too few.",
    ),
]


def _none_as_far(good) -> tuple[str, Choice]:
    """The question on a new conversation that is further away than all the good ones."""
    text = (
        f"Each of {good} known-good conversations was held against the others. A new one is "
        "further away than all of them. What is its p-value?"
    )
    return text, Choice(
        (
            Option("0", "It is one more than the good ones: 0 says never.", "p-value-of-zero"),
            Option(
                f"1/{good}",
                "The new one counts as well, above the line and below it.",
                "new-one-not-counted",
            ),
            Option(
                f"1/{good + 1}",
                "Without drift it is as likely as any other to be the furthest.",
            ),
        )
    )


REVIEW = [
    ReviewQuestion(
        "25-new-name",
        "A product name that the baseline never had makes up 8 % of today's tokens. The vocabulary "
        "is locked on the baseline, with OTHER. Where does it show?",
        Choice(
            (
                Option("in OTHER", "Whatever the baseline does not list is counted there."),
                Option(
                    "in a cell of its own, as it is frequent",
                    "Only a vocabulary that follows the current data gives it one, and then every "
                    "day has other cells.",
                    "vocabulary-may-follow",
                ),
                Option(
                    "nowhere: it is no word of the vocabulary",
                    "So it would be if unlisted tokens were left out. OTHER keeps them.",
                    "drop-the-unknown",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "25-fewer-words",
        "KL is computed from counts of 1000 words and OTHER, unsmoothed. Then all but 100 of the "
        "words are moved into OTHER. What happens to KL?",
        Choice(
            (
                Option(
                    "it stays: the texts are the same",
                    "The texts are, the question is not: differences inside OTHER are gone.",
                    "cells-change-nothing",
                ),
                Option("it falls or stays", "Merging cells can only lose divergence."),
                Option(
                    "it rises: OTHER grows",
                    "A large cell is no divergence. What two merged words differed by is lost.",
                    "fewer-cells-more-kl",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "25-carrier",
        "Which list shows the words that carry KL(P‖Q)?",
        Choice(
            (
                Option(
                    "sorted by p/q",
                    "Rare words come up there. A large ratio on a tiny share carries little.",
                    "ratio-carries",
                ),
                Option(
                    "sorted by |p − q|",
                    "*and* and *to* lead it: large shares move a little all the time.",
                    "difference-carries",
                ),
                Option(
                    "sorted by p log(p/q) − p + q",
                    "These parts are never negative and add up to KL.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "25-unit",
        "A chat monitor compares the words of 400 conversations with last month's. Its threshold "
        "comes from shuffling single words. How often does it ring without drift?",
        Choice(
            (
                Option(
                    "too often: words of one conversation belong together",
                    "They share its topic, so whole conversations must be shuffled or left out.",
                ),
                Option(
                    "as often as its rate says: there are many words",
                    "Many words are not many independent draws.",
                    "words-are-the-sample",
                ),
                Option(
                    "too rarely: shuffling makes the words more different",
                    "Shuffling deals every topic evenly to both sides, so they come out alike.",
                    "shuffling-adds-divergence",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "25-none-as-far",
        *_none_as_far(30),
        vary=lambda random: _none_as_far(random.randrange(19, 60)),
    ),
    ReviewQuestion(
        "25-word-gone",
        "The vocabulary is locked on the baseline, and one of its words does not come today. "
        "Without smoothing, which is infinite?",
        Choice(
            (
                Option(
                    "KL(current‖baseline)",
                    "There the current data supply the samples, and this word is none of them.",
                    "swapped-roles",
                ),
                Option(
                    "KL(baseline‖current), and with it PSI",
                    "The baseline sends the word, and the current data give it 0.",
                ),
                Option(
                    "neither: the word can be left out",
                    "Then the text that lost it looks like the text that had it.",
                    "drop-the-row",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "25-first-question",
        "The words of support messages have drifted, says the monitor, against a threshold from "
        "good days. What do you look at first?",
        Choice(
            (
                Option(
                    "the model, which has become worse and must be retrained",
                    "The text moved. Whether any answer became worse, only the rows can say.",
                    "drift-is-damage",
                ),
                Option(
                    "whether the form changed: a channel, a template, a language",
                    "Form can move words more than topics do, as with one president's addresses, "
                    "and it is soon checked.",
                ),
                Option(
                    "which new topic has come",
                    "It may have. But a new channel or template is sooner checked, and may move "
                    "more words than a topic does.",
                    "topic-moves-more-than-form",
                ),
            )
        ),
    ),
]
