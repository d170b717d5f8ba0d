"""Unit 21: predictions and review questions on soft targets, a temperature, and what is lost."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "21-hotter",
        "A teacher gives four classes the logits 4, 2, 1 and 0, a student 1, 2, 0 and 1. The loss "
        "is KL(teacher‖student) with all logits divided by T. You raise T from 4 to 8. What "
        "becomes of its gradient by the student's logits?",
        Choice(
            (
                Option(
                    "about the same: T stands on both sides",
                    "It stands on both sides of a difference that shrinks, and the chain rule "
                    "divides it by T again.",
                    "temperature-cancels",
                ),
                Option(
                    "about half as long",
                    "That is the 1/T of the chain rule alone. The shares come nearer, too.",
                    "gradient-fades-once",
                ),
                Option(
                    "about a quarter as long",
                    "One half from the chain rule, and one since all shares come closer together.",
                ),
                Option(
                    "about a sixteenth as long",
                    "Two factors of 1/T, not four. The loss itself falls as 1/T², too.",
                    "gradient-fades-four-times",
                ),
            )
        ),
        reveal="From 0.0502 to 0.0121, a little less than a quarter. The gradient fades "
        "as 1/T², which is why a distillation loss is multiplied by T².",
    ),
    Prediction(
        "21-evenly",
        "Fifty images are left to train a small student. With their labels it gets 78 % of other "
        "people's digits right; with the teacher's shares of them at T = 4 it does better. A third "
        "student gets targets that are as soft: the teacher's largest share stays, and the rest "
        "is spread evenly over the nine other digits. How does it do?",
        Choice(
            (
                Option(
                    "as well as with the teacher's shares: a soft target is what helps",
                    "Then any soft target would. The nine other shares must say something.",
                    "softness-teaches",
                ),
                Option(
                    "half way between the two",
                    "What an even rest adds is next to nothing: it is the same for every image.",
                    "softness-is-half-of-it",
                ),
                Option(
                    "about as well as with the labels",
                    "The help comes from which wrong digits the teacher finds more likely than "
                    "others.",
                ),
                Option(
                    "far worse than with the labels: most of a target is on wrong digits",
                    "The largest share still is on the teacher's digit, and that decides.",
                    "soft-targets-mislead",
                ),
            )
        ),
        reveal="It gets 78 % right, as with the labels. The teacher's own shares make it 88 %. "
        "What they add is not that they are soft, but that this 7 could be a 4 and hardly a 6.",
    ),
    Prediction(
        "21-starved",
        "Two students see only how much ink lies in each quarter of an image: too little to tell "
        "ten digits apart. One minimises KL(teacher‖student), the other KL(student‖teacher). "
        "Which digits does the second one put first, over the 597 images of other people?",
        Choice(
            (
                Option(
                    "all ten, about as often as they come",
                    "That is what the first one's shares do. Reverse KL is not charged for what it "
                    "leaves out.",
                    "reverse-keeps-all-classes",
                ),
                Option(
                    "six of the ten, the others never",
                    "Four digits are too easily confused to be worth the risk.",
                ),
                Option(
                    "one and the same for every image",
                    "The ink tells something, and it is worth using. Reverse KL drops what it "
                    "cannot place, not everything.",
                    "reverse-keeps-one",
                ),
                Option(
                    "the same ones as the first: at the minimum both divergences are 0",
                    "They would be 0 for a student that can say what the teacher says. This one "
                    "cannot.",
                    "directions-share-their-minimum",
                ),
            )
        ),
        reveal="Six: 3, 5, 6, 7, 8 and 9. Forward KL makes its average share of each digit that of "
        "the teacher, and pays with mass on digits that the teacher rules out. Reverse KL saves "
        "that, and gives up 0, 1, 2 and 4.",
    ),
    Prediction(
        "21-forgets",
        "A simulated model meets 200 kinds of prompts, the n-th with a share in proportion to 1/n. "
        "Fine-tuned, it has lost the 50 rarest kinds, 5 % of all prompts, and answers them like "
        "others. What shows it most clearly?",
        Choice(
            (
                Option(
                    "KL(before‖after): the answers now are scored on what came before",
                    "What came before supplies the samples, the lost kinds among them.",
                ),
                Option(
                    "KL(after‖before): it is about the answers now",
                    "It averages over the answers that still come. The lost ones have no weight in "
                    "it.",
                    "lost-tail-shows-in-what-is-left",
                ),
                Option(
                    "the accuracy on the 20 commonest kinds, 61 % of all prompts",
                    "Nothing happened to those.",
                    "head-accuracy-sees-all",
                ),
                Option(
                    "nothing: 5 % is too little to be seen",
                    "Of 20 000 answers some twenty of each lost kind were due, and none came.",
                    "rare-cannot-matter",
                ),
            )
        ),
        reveal="The accuracy on the common kinds stays at 95 %. KL(after‖before) rises only "
        "because the other kinds take over the 5 %: by about log(1/0.951) = 0.050 nats. "
        "KL(before‖after) pays for every lost kind, and comes to about three times as much.",
    ),
]


def _factor(temperature) -> tuple[str, Choice]:
    """What a distillation loss loses without its factor."""
    return (
        f"A training script adds a loss on labels and a distillation loss at T = {temperature}, "
        "and forgets the factor T². How much weaker does the teacher pull, beside the labels?",
        Choice(
            (
                Option(
                    f"about {temperature} times",
                    "The gradient fades with the square of T.",
                    "gradient-fades-once",
                ),
                Option(
                    f"{temperature**2} times",
                    "T² is all that is missing, and the gradient of a loss goes with its factor.",
                ),
                Option(
                    "not at all: the learning rate makes up for it",
                    "The learning rate is that of both terms. The balance between them is lost.",
                    "weights-do-not-matter",
                ),
            )
        ),
    )


def _shift(down) -> tuple[str, Choice]:
    """Logits that differ from the teacher's by one and the same number."""
    teacher = (7, 5, 2)
    student = tuple(logit - down for logit in teacher)
    words = " and ".join([", ".join(map(str, student[:2])), str(student[2])]).replace("-", "−")
    return (
        f"The teacher's logits are 7, 5 and 2, the student's {words}. How large is "
        "KL(teacher‖student) at T = 3?",
        Choice(
            (
                Option("0", "A softmax does not see what is added to all logits alike."),
                Option(
                    f"{down}/3 of a nat, what each logit is off by over T",
                    "Only differences between logits count, and they are the teacher's.",
                    "logits-must-match",
                ),
                Option(
                    "above 0, and nearer to 0 the higher T is",
                    "It is 0 already, at every T: the differences between the logits agree.",
                    "logits-must-match-at-low-t",
                ),
            )
        ),
    )


def _reduction(classes) -> tuple[str, Choice]:
    """A mean over all entries in the place of the mean over rows."""
    return (
        f"A batch of 32 images, {classes} classes. Somebody writes F.kl_div(...) with "
        'reduction="mean" where "batchmean" is meant. What becomes of the loss?',
        Choice(
            (
                Option(
                    "the same: both are a mean over the batch",
                    "One of them is a mean over the classes as well, where KL has a sum.",
                    "mean-is-batchmean",
                ),
                Option(
                    f"it is {32 * classes} times smaller",
                    "Both divide by the 32 images. What comes on top is the number of classes.",
                    "mean-divides-by-all",
                ),
                Option(f"it is {classes} times smaller", "The sum over classes became a mean."),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "21-factor", *_factor(4), vary=lambda random: _factor(random.choice([3, 5, 10]))
    ),
    ReviewQuestion("21-shift", *_shift(2), vary=lambda random: _shift(random.choice([1, 3, 4]))),
    ReviewQuestion(
        "21-reduction",
        *_reduction(10),
        vary=lambda random: _reduction(random.choice([17, 100, 1000])),
    ),
    ReviewQuestion(
        "21-limit",
        "As T grows without end, the gradient of T² · KL(teacher‖student) by the student's logits "
        "goes to",
        Choice(
            (
                Option(
                    "0, as both sides become uniform",
                    "They do, as 1/T, and the chain rule brings another 1/T: T² undoes both.",
                    "heat-erases-all",
                ),
                Option(
                    "the differences of the logits, centred and divided by the number of classes",
                    "Distillation at a high T is a least squares fit of logits.",
                ),
                Option(
                    "the gradient of the loss on the teacher's first choice",
                    "That is the other end, T near 0: there the largest logit takes everything.",
                    "heat-is-cold",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "21-floor",
        "A student is trained with the cross-entropy −Σ p log q to a teacher's shares p. It says "
        "exactly what the teacher says, and its loss stays at 1.3 nats. Why?",
        Choice(
            (
                Option(
                    "the entropy of the teacher's shares is 1.3 nats, and it is the floor",
                    "Cross-entropy is entropy plus KL, and only the KL is 0.",
                ),
                Option(
                    "the training has not ended: at the minimum the loss is 0",
                    "0 is the least of KL. A cross-entropy to soft targets never gets there.",
                    "soft-loss-ends-at-zero",
                ),
                Option(
                    "the factor T² is missing",
                    "A factor makes a loss larger or smaller. What is missing to 0 is an entropy.",
                    "every-gap-is-the-factor",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "21-average",
        "A student with a free constant for each class is trained to the end by "
        "KL(teacher‖student) at T = 1, on images that it cannot tell apart. What is true of its "
        "average share of each class?",
        Choice(
            (
                Option(
                    "it is as certain as the teacher's shares of a single image",
                    "It cannot be, where it does not know which image it sees.",
                    "student-copies-certainty",
                ),
                Option(
                    "it is largest for the class that is easiest",
                    "That is what reverse KL may do. Forward KL has no such favourites.",
                    "reverse-habits-for-forward",
                ),
                Option(
                    "it is the teacher's average share of that class",
                    "The slope by the constant is the difference of these two averages.",
                ),
            )
        ),
    ),
]
