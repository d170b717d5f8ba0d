"""Unit 26: predictions and review questions on clusters of vectors."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "26-more-clusters",
        "The paragraphs of 2001–08 are held against those of 1981–2000, first in 10 clusters and "
        "then in 40. What happens to KL, and to the KL of two halves of 1981–2000 itself?",
        Choice(
            (
                Option(
                    "KL grows, that of the halves stays: 40 clusters see more",
                    "They see more of everything, of chance as well.",
                    "more-cells-more-power",
                ),
                Option(
                    "neither changes: the paragraphs are the same",
                    "The question that is asked of them is finer.",
                    "cells-change-nothing",
                ),
                Option(
                    "both fall: each cluster has a smaller share",
                    "KL adds up over the clusters, and what two merged ones differed by is lost.",
                    "smaller-shares-smaller-kl",
                ),
                Option(
                    "both grow",
                    "A finer histogram shows more of the difference, and more of the chance.",
                ),
            )
        ),
        reveal="On average over ten starts of k-means KL goes from 0.20 to 0.49 nats. The halves "
        "of the baseline, whole addresses dealt out, stay in 95 % of the draws below 0.081 with 10 "
        "clusters and below 0.209 with 40. A KL means nothing without its k and its null.",
    ),
    Prediction(
        "26-stale",
        "A retriever searches an index of 931 vectors and hands out the text with the same row "
        "number. Somebody puts 306 new texts on top of the list of texts and does not rebuild the "
        "index. Which of these moves?",
        Choice(
            (
                Option(
                    "recall: the share of questions for which the source's row is found",
                    "The index has not changed, so it finds the rows that it always found.",
                    "recall-sees-the-texts",
                ),
                Option(
                    "the clusters of the texts that are handed out",
                    "The row numbers point 306 texts too high, and other topics stand there.",
                ),
                Option(
                    "the similarity that the retriever reports for its hits",
                    "It compares the question with the vector in the index, and never sees a text.",
                    "score-sees-the-texts",
                ),
                Option(
                    "none of them: the index is intact",
                    "It is, and points into a list that has moved.",
                    "intact-index-is-fine",
                ),
            )
        ),
        reveal="Recall stays as it was, to the last question, and so does the retriever's own "
        "score: both look at the index alone. Over five days KL of the clusters goes from 0.040 to "
        "0.616 nats, and the similarity of what is handed out to the source of the question from "
        "0.93 to 0.00.",
    ),
]

REVIEW = [
    ReviewQuestion(
        "26-whose-centres",
        "A monitor clusters embeddings. Which rows may decide where the centres stand?",
        Choice(
            (
                Option(
                    "baseline and current rows together, for the best fit",
                    "Then the centres follow the drift that they are to show.",
                    "centres-may-follow",
                ),
                Option(
                    "each sample its own",
                    "Then cluster 3 of today is not cluster 3 of the baseline.",
                    "cells-of-its-own",
                ),
                Option(
                    "a part of the baseline; the rest of it is counted",
                    "Rows that made the centres lie nearer to them than new ones do.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "26-paragraphs",
        "The 491 paragraphs of seven addresses are held against 931 of seventeen. A threshold from "
        "shuffled paragraphs is passed, one from shuffled addresses is not. What do you report?",
        Choice(
            (
                Option(
                    "no drift seen: addresses differ by as much among themselves",
                    "Paragraphs of one address share its topics, so the address is the unit.",
                ),
                Option(
                    "drift: 491 paragraphs are many",
                    "They are seven draws of topics.",
                    "rows-are-independent",
                ),
                Option(
                    "drift: of two thresholds the more sensitive one counts",
                    "It is too low: it would ring between two halves of the baseline.",
                    "more-cells-more-power",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "26-on-the-line",
        "With one start of k-means a cohort is at 0.135 nats, against a threshold of 0.115; with "
        "another at 0.106, against 0.128. What do you report?",
        Choice(
            (
                Option(
                    "drift, as one start shows it",
                    "With many starts one of them nearly always shows something.",
                    "pick-the-start",
                ),
                Option(
                    "that it lies on the threshold, with both numbers",
                    "The verdict hangs on a random number, and the reader should know.",
                ),
                Option(
                    "what the monitor's own start says",
                    "Its seed is a number that somebody typed. On the threshold it decides alone.",
                    "one-start-decides",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "26-swap",
        "In the list behind an index every text changes places with another one of its own "
        "cluster. What does KL of the clusters of the texts that are handed out do?",
        Choice(
            (
                Option(
                    "it rises: every question gets a wrong text",
                    "It does, and one from the same cluster: the counts are what they were.",
                    "clusters-see-every-swap",
                ),
                Option(
                    "it stays; the similarity of each text to its source falls",
                    "So clusters are a first look, and the check row by row is the second.",
                ),
                Option(
                    "it stays, and nothing is wrong: the topics are right",
                    "A text of the right topic need not hold the answer.",
                    "intact-index-is-fine",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "26-new-model",
        "The service that makes the vectors gets a new model. Its vectors have as many numbers as "
        "before. What should the monitor do with them?",
        Choice(
            (
                Option(
                    "compare them: the length is the same",
                    "Coordinate 7 of one model has nothing to do with coordinate 7 of another.",
                    "same-length-same-space",
                ),
                Option(
                    "compare them: if the change matters, KL will show it",
                    "KL would show something, and report it as a change of topics.",
                    "drift-finds-a-changed-model",
                ),
                Option(
                    "refuse them, until the baseline is embedded again",
                    "Names and probes that are stored with the centres tell it.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "26-still-similar",
        "KL of the clusters of the retrieved texts is far above the good days. The similarity of "
        "each text to the source of its question is what it was. What has happened?",
        Choice(
            (
                Option(
                    "most likely the questions changed: other topics, served well",
                    "Which is news, and no fault of the retriever.",
                ),
                Option(
                    "the retriever hands out wrong texts",
                    "Then the texts would be unlike their sources.",
                    "drift-is-damage",
                ),
                Option(
                    "nothing: without a fault an alarm is false",
                    "The mix did move. Other topics may need other texts, or other people.",
                    "drift-is-never-damage",
                ),
            )
        ),
    ),
]
