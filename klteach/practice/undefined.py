"""What is said of `nan`: where it began, as NumPy told, and what the right value is there."""

import numpy as np

from klteach.practice.diagnosis import where_p_is_zero_holds
from klteach.practice.question import Case, Question
from klteach.practice.results import Result
from klteach.practice.wording import listed, shares_of, shorten

# what has no value, by the name that NumPy has for the operation
_CAUSES = {
    "multiply": "0·∞",
    "divide": "0/0 or ∞/∞",
    "true_divide": "0/0 or ∞/∞",
    "floor_divide": "0/0 or ∞/∞",
    "subtract": "∞ - ∞",
    "add": "∞ - ∞",
    "reduce": "∞ - ∞",
    "log": "the logarithm of a negative number",
    "log2": "the logarithm of a negative number",
    "log10": "the logarithm of a negative number",
    "log1p": "the logarithm of a negative number",
    "sqrt": "the root of a negative number",
    "power": "a negative number to a power that is not whole",
    "matmul": "0·∞ or ∞ - ∞ in a product of arrays",
    "vecdot": "0·∞ or ∞ - ∞ in a product of arrays",
    "dot": "0·∞ or ∞ - ∞ in a product of arrays",
}
ANY_CAUSE = (
    "`nan` comes from 0/0, from 0·∞ (0·log 0 is one), from ∞ - ∞, from the logarithm of a negative "
    "number, or it was written by hand. Print the steps for this input and see where it begins."
)


def nan_text(question: Question, case: Case, result: Result, reference: np.ndarray) -> str:
    """What NumPy met on the way to the nan in this result, and what is right for this case."""
    sentences = [_origin(question, case, result)]
    if _advice_is_true(question, case, result):
        sentences.append(question.where_p_is_zero)
    elif reference.ndim == 0 and np.isinf(reference):
        sentences.append("The right value is infinite there.")
    return " ".join(sentences)


def _origin(question: Question, case: Case, result: Result) -> str:
    places = {(each.line, each.source) for each in result.undefined}
    causes = list(dict.fromkeys(_CAUSES.get(each.operation, "") for each in result.undefined))
    zeros = [name for name, share in shares_of(question, case).items() if (share == 0).any()]
    if len(places) != 1 or not all(causes):
        if zeros and not result.undefined:
            has = "has" if len(zeros) == 1 else "have"
            return f"{ANY_CAUSE} {listed([f'`{name}`' for name in zeros])} {has} a 0 here."
        return ANY_CAUSE
    if zeros:
        causes = ["0·∞ (0·log 0 is one)" if cause == "0·∞" else cause for cause in causes]
    ((line, source),) = places
    where = f" in line {line} of its cell: `{shorten(source)}`" if line and source else ""
    sentence = f"`nan`: NumPy met {listed(causes)}{where}. That has no value."
    return f"{sentence} Or was the `nan` in that line meant?" if "nan" in source else sentence


def _advice_is_true(question: Question, case: Case, result: Result) -> bool:
    """Whether what the question says of zeros is about the nan in this result."""
    if not where_p_is_zero_holds(question, case) or not _is_beside_a_zero(question, case, result):
        return False
    sources = [each.source for each in result.undefined]
    takes_logarithms = not any(sources) or any("log" in source for source in sources)
    return takes_logarithms or not question.has_general_advice


def _is_beside_a_zero(question: Question, case: Case, result: Result) -> bool:
    """Whether each nan of an array stands at an outcome that some share rules out."""
    assert result.values is not None
    nan = np.isnan(result.values)
    shares = [share for share in shares_of(question, case).values() if share.shape == nan.shape]
    if nan.ndim == 0 or not shares:
        return True
    return all((np.array(shares) == 0).any(axis=0)[nan])
