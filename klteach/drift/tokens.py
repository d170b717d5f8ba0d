"""Words of texts as cells: a vocabulary locked on the baseline, and one cell for the rest."""

import re
import unicodedata
from collections.abc import Sequence

from klteach.drift.sequences import Sequences
from klteach.drift.values import as_pieces

# letters of any script; an apostrophe belongs to a word if letters stand on both sides of it
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def tokens(text: str) -> list[str]:
    """The words of a text in lower case: runs of letters, with the apostrophes inside them.

    Digits, punctuation and underscores part words and are not counted. Scripts that put no space
    between words give runs, not words: for those, and for the tokens of a language model, pass
    lists of tokens in place of texts.

    >>> tokens("Don't panic: 42 cats, CATS’ tails.")
    ["don't", 'panic', 'cats', 'cats', 'tails']
    """
    # é may be one character or two, and an apostrophe may be typeset: to a reader they are the same
    text = unicodedata.normalize("NFC", text).replace("’", "'")
    return _WORD.findall(text.lower())


class Vocabulary(Sequences):
    """The commonest tokens of the baseline, a cell each; all others are "other".

    Texts are taken apart by `tokens`; lists of tokens (or of token numbers) are taken as they are.

    A vocabulary suits the texts that chose it: in them "other" is rarer than in any new text. So
    choose it on one part of the baseline, and count the rest.

    >>> vocabulary = Vocabulary.of(["the cat", "the dog", "the cat sat"], most=2)
    >>> vocabulary.binning.cells
    ('the', 'cat', 'other', 'missing')
    >>> vocabulary.count(["The zebra!", ""]).counts.tolist()
    [1, 0, 1, 1]
    """

    column = "token"

    @staticmethod
    def pieces(sequence) -> Sequence[str | None]:
        return tokens(sequence) if isinstance(sequence, str) else as_pieces(sequence)
