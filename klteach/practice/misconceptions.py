"""The misconceptions that wrong answers stand for: one code each, the same in every unit.

A code is recorded with a wrong answer, so that the same belief can be recognised in a prediction,
a warm-up and the concept inventory.
"""

MISCONCEPTIONS = {
    # shares and sureness
    "shares-need-not-sum": "any numbers between 0 and 1 make a distribution",
    "shares-need-to-differ": "a distribution has no two equal shares",
    "divided-by-length": "a share is a count divided by the number of outcomes",
    "divided-by-largest": "a share is a count divided by the largest count",
    "shares-grow-with-counts": "more data makes the shares larger",
    "sure-means-always": "a confidence above one half means that it will happen",
    "unsure-means-half": "whatever is not certain is a coin flip",
    # surprise and entropy
    "surprise-is-linear": "an outcome half as likely is twice as surprising",
    "surprise-is-one-over-p": "the surprise of an outcome is 1/p, without the logarithm",
    "rarest-costs-most": "the rarest symbol adds most to the entropy",
    "likeliest-costs-most": "the likeliest symbol adds most to the entropy",
    "half-is-the-peak": "a contribution -p log p is largest at one half",
    "peak-in-the-neighbourhood": "the peak of -p log p is near, but not at, 1/e",
    "more-things-more-entropy": "entropy counts the things, not the distinct outcomes",
    "more-names-more-entropy": "a longer list of outcomes has a larger entropy",
    "all-fair-is-equal": "everything fair is equally uncertain",
    "skewed-is-uncertain": "rare outcomes make a distribution uncertain as a whole",
    "variety-is-uncertain": "shares that differ make a distribution more uncertain",
    "certainty-is-one": "the entropy of a certain outcome is 1, as its probability is",
    # zeros
    "zero-is-infinite": "an outcome with p = 0 makes the sum infinite",
    "zero-is-undefined": "an outcome with p = 0 leaves the sum undefined",
    "zero-cancels-infinity": "where q = 0 < p, the zero takes the term to 0",
    "small-p-small-term": "a small p keeps the term small, whatever q is",
    "drop-the-row": "where q = 0 < p, the row can be left out",
    "eps-is-smoothing": "a tiny eps in place of a zero smooths, and its size does not matter",
    # units and codes
    "nats-for-bits": "the natural logarithm counts bits",
    "bits-for-nats": "the logarithm to base 2 counts nats",
    "unit-upside-down": "nats become bits by multiplying with log 2",
    "unit-is-a-name": "bits and nats are two names of one number",
    "fixed-length-code": "every codeword has the same length",
    "unweighted-mean": "an average length needs no weights",
    "kraft-forgotten": "any list of codeword lengths belongs to some prefix code",
    # cross-entropy and KL
    "every-term-non-negative": "KL is never negative, so each of its terms is not",
    "kl-can-be-negative": "KL can be negative",
    "wrong-code-can-win": "a wrong code can be cheaper on average",
    "kl-is-symmetric": "KL is the same in both directions",
    "swapping-flips-the-sign": "swapping P and Q changes only the sign of KL",
    "swapped-roles": "Q supplies the samples and P is scored",
    "weights-are-q": "the terms of KL are weighted by q",
    "absolute-terms": "KL adds the sizes of the terms, without their signs",
    "wrong-entropy": "cross-entropy is KL plus the entropy of the model",
    "difference-upside-down": "cross-entropy is smaller than entropy by KL",
    "added-for-subtracted": "KL is cross-entropy and entropy added up",
    "being-right-pays": "a true belief earns, whatever the odds",
    # the relatives
    "js-infinite-like-kl": "Jensen-Shannon becomes infinite where KL does",
    "divergences-feel-distance": "a divergence grows as the outcomes move further apart",
    "psi-cutoff-is-universal": "one cutoff for PSI fits every sample size and number of bins",
    "psi-is-kl": "PSI is KL on bins",
    "density-entropy-has-no-unit": "the entropy of a density does not depend on the unit",
    "density-kl-has-a-unit": "the KL of two densities depends on the unit",
    # neither right nor a misconception
    "not-known-yet": "I do not know yet",
}
