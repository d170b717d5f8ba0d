"""Unit 07: predictions and review questions on parts that add up, per token and per text."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "07-cut",
        "A text is two words: yes or no, then please or thanks. You move only Q's share of yes, "
        "from 0.4, as under P, to 0.9. The KL of the first word grows. And the other part, that of "
        "the second word given the first?",
        Choice(
            (
                Option(
                    "it moves towards the column yes, which Q now thinks likelier",
                    "Which column is met is decided by who supplies the samples, and that is P.",
                    "weights-are-q",
                ),
                Option(
                    "it shrinks by as much as the first part grows",
                    "The two parts have no fixed total to share. The KL of the whole text grows.",
                    "parts-share-a-total",
                ),
                Option(
                    "it stays as it is",
                    "P decides how often each column is met, and inside the columns nothing moved.",
                ),
            )
        ),
        reveal="It stays. Its weights are P's shares of yes and no, and what Q says of the second "
        "word inside each column has not changed. Try it below: drag Q's upright cut.",
    ),
    Prediction(
        "07-tokens",
        "P writes texts of 500 tokens. Each token is worth 0.02 nats on average: that is the KL of "
        "the next token. How many times likelier is such a text, typically, under P than under Q?",
        Choice(
            (
                Option(
                    "1.02 times: the models are nearly the same",
                    "That is e to 0.02, one token. Over 500 tokens the factors multiply.",
                    "kl-does-not-add-up",
                ),
                Option(
                    "1.6 times",
                    "That is e to 0.02 · √500, and a root goes with standard errors. Log ratios "
                    "add up.",
                    "kl-grows-with-the-root",
                ),
                Option(
                    "10 times",
                    "10 is the sum, in nats: the logarithm of the ratio.",
                    "nats-are-factors",
                ),
                Option("22 000 times", "500 · 0.02 = 10 nats, and e to 10 is about 22 026."),
            )
        ),
        reveal="500 tokens of 0.02 nats are 10 nats, and e to 10 is about 22 026. Per token the "
        "models are hard to tell apart; per text they are not.",
    ),
    Prediction(
        "07-batches",
        "An evaluation went through two batches of the same number of tokens. Their perplexities "
        "are 4 and 64. What is the perplexity of both together?",
        Choice(
            (
                Option(
                    "34",
                    "The mean of the two. But it is log losses that add up over tokens, not their "
                    "exponentials.",
                    "perplexities-average",
                ),
                Option(
                    "68",
                    "The sum of the two. Then more text of the same kind would raise it, but a "
                    "perplexity is per token.",
                    "perplexities-add-up",
                ),
                Option("16", "The mean of the logarithms: √(4 · 64)."),
                Option(
                    "that depends on how long the batches are",
                    "They are equally long, so the mean loss is halfway between theirs.",
                    "perplexity-needs-length",
                ),
            )
        ),
        reveal="The losses are log 4 and log 64 nats a token; their mean is log 16. So it is 16, "
        "and the mean of both perplexities, 34, is too high by more than half.",
    ),
]


def _copies(number) -> tuple[str, Choice]:
    """The ratio that so many tokens make, each of them with 0.01 nats."""
    total = number / 100
    return (
        f"KL is 0.01 nats a token, and tokens are independent. A text has {number} tokens. What is "
        "its typical likelihood ratio, P against Q?",
        Choice(
            (
                Option(
                    "about 1.01, as for one token",
                    "The ratios of the tokens multiply.",
                    "kl-does-not-add-up",
                ),
                Option(
                    f"about {total:g}",
                    "That is the sum of the log ratios, in nats. The ratio is e to that.",
                    "nats-are-factors",
                ),
                Option(f"about e to {total:g}", "Log ratios add up, so ratios multiply."),
            )
        ),
    )


def _weights(first, second) -> tuple[str, Choice]:
    """The second part of the chain rule, from P's share of the first row in percent."""
    p, q = first / 100, second / 100
    return (
        f"P has the first word yes with probability {p:g}, Q with {q:g}. After yes the second "
        "words differ by 1 nat, after no not at all. What is KL(second given first)?",
        Choice(
            (
                Option(f"{p:g} nats", "P meets yes so often, and each time it is 1 nat."),
                Option(
                    f"{q:g} nats",
                    "That is how often Q expects yes. P supplies the samples.",
                    "weights-are-q",
                ),
                Option(
                    "0.5 nats",
                    "That would give both first words the same weight.",
                    "parts-need-no-weights",
                ),
                Option(
                    "1 nat",
                    "That is the KL after yes. After no it is 0, and P weighs the two.",
                    "parts-just-add-up",
                ),
            )
        ),
    )


def _mean_or_sum(tokens) -> tuple[str, Choice]:
    """A log that went up because a mean became a sum over so many tokens."""
    total = 0.02 * tokens
    return (
        f"A training log shows KL 0.02, and after an update of the library {total:g}. Model, "
        f"prompts and lengths, {tokens} tokens, are the same. What happened, most likely?",
        Choice(
            (
                Option(
                    "the sum over tokens took the place of their mean",
                    f"{tokens} times 0.02 is {total:g}: nats a text, not nats a token.",
                ),
                Option(
                    "nats became bits",
                    "That is a factor of 1.44, whatever the length.",
                    "factor-is-the-unit",
                ),
                Option(
                    "the model drifted from its reference",
                    "It is the same model. A factor that equals the length points at the log.",
                    "every-alarm-is-an-event",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "07-copies",
        *_copies(700),
        vary=lambda random: _copies(random.choice([300, 500, 700, 900, 1200])),
    ),
    ReviewQuestion(
        "07-weights",
        *_weights(10, 80),
        vary=lambda random: _weights(random.choice([10, 20, 30]), random.choice([70, 80, 90])),
    ),
    ReviewQuestion(
        "07-mean-or-sum",
        *_mean_or_sum(400),
        vary=lambda random: _mean_or_sum(random.choice([150, 250, 400, 600])),
    ),
    ReviewQuestion(
        "07-margins",
        "Q has every single word's frequency exactly right. Is KL(P‖Q) of two-word texts 0?",
        Choice(
            (
                Option(
                    "yes: both words are right",
                    "Each by itself. How they go together can still be wrong.",
                    "margins-decide",
                ),
                Option(
                    "only if Q also has the second word right, given the first",
                    "Then both parts of the chain rule are 0, and with them the whole.",
                ),
                Option(
                    "no, a model is never exactly right",
                    "It may be. The question is what being right takes.",
                    "kl-is-never-zero",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "07-padding",
        "The logged KL of a text is a sum over the row of the batch, padding included. What does "
        "that do?",
        Choice(
            (
                Option(
                    "nothing: padding has a KL of 0",
                    "The models still give log probabilities there, and they differ.",
                    "padding-is-zero",
                ),
                Option(
                    "the number depends on the other texts of the batch",
                    "The longest one decides how much padding the others get.",
                ),
                Option(
                    "it makes the number smaller, as padding is easy",
                    "What models say after the end of a text may be anything, and the terms may "
                    "have either sign.",
                    "padding-dilutes",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "07-chain-law",
        "Two Markov chains visit all states equally often, in the long run, but follow different "
        "rules. Their KL per step is …",
        Choice(
            (
                Option(
                    "0, since their stationary laws are equal",
                    "Those say what single states are worth. A step is more than a state.",
                    "margins-decide",
                ),
                Option(
                    "above 0: their rows differ",
                    "And the rows are weighted by how often P is in each state.",
                ),
                Option(
                    "negative in some states and 0 in all",
                    "Each row is a KL of its own, and no KL is negative.",
                    "kl-can-be-negative",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "07-one-part",
        "Of a table you know KL of the whole, 0.5 nats, and KL of the row sums, 0.2. What is KL of "
        "the columns, given the row?",
        Choice(
            (
                Option(
                    "0.3 nats",
                    "The parts add up to the whole.",
                ),
                Option(
                    "0.7 nats",
                    "The whole is the sum; a part is what is left of it.",
                    "whole-is-a-part",
                ),
                Option(
                    "the two numbers do not tell: it depends on the weights",
                    "It does, and they are in it already: whole = rows + columns given the row.",
                    "parts-do-not-determine",
                ),
            )
        ),
    ),
]
