"""The form of a brief: lines of options, of which an answer chooses one each and says why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from klteach.practice.question import Question, case
from klteach.practice.returns import Returns


@dataclass(frozen=True)
class Line:
    """One choice.

    about  what is chosen
    right  the options that can be defended
    wrong  each other option, with what would go wrong with it
    """

    about: str
    right: tuple[str, ...]
    wrong: Mapping[str, str]

    @property
    def options(self) -> tuple[str, ...]:
        return (*self.right, *self.wrong)


@dataclass(frozen=True)
class Judge:
    """Tells the first choice of an answer that cannot be defended, and how many there are."""

    lines: Sequence[Line]

    @property
    def words(self) -> tuple[str, ...]:
        """All options of all lines."""
        return tuple(dict.fromkeys(option for line in self.lines for option in line.options))

    def __call__(self, places) -> tuple[str, str] | None:
        """None, or the name of a fault and a sentence; an answer comes as places in `words`."""
        chosen = [self.words[int(place)] for place in places]
        wrong = [
            (number, line, word)
            for number, (line, word) in enumerate(zip(self.lines, chosen, strict=True), 1)
            if word not in line.right
        ]
        if not wrong:
            return None
        number, line, word = wrong[0]
        if word in line.wrong:
            name, says = f"{line.about}: {word}", f"Line {number}, `{word}`: {line.wrong[word]}"
        else:
            name = f"{line.about}: none of its options"
            says = f"`{word}` is no option of line {number}, {line.about}."
        if len(wrong) == 1:
            return name, says
        return name, f"{len(wrong)} of the {len(self.lines)} lines are off. The first: {says}"


def brief(name: str, lines: Sequence[Line], hints: Sequence[str], **said) -> Question:
    """The question whose answer is a list of words, one option of each line.

    Of options that can be defended the first is the reference. The third hint is the answer.
    """
    judge = Judge(lines)
    answer = [line.right[0] for line in lines]
    asked = f"a list of {len(lines)} words, one option of each line"
    return Question(
        name,
        points=2,
        reference=lambda: answer,
        returns=Returns(asked, lambda *_: (len(lines),), judge.words),
        judge=judge,
        visible=[case()],
        inputs=[],
        mistakes=[],
        hints=[*hints, f"`return {answer}`"],
        **said,
    )
