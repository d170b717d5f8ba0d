"""People asked by a census survey in Massachusetts, and the score of a model: who has work?

Very many rows: nearly any change between two years is significant here, and hardly one matters.
The score does go wrong for some groups of people, and no comparison of years shows it.
"""

from dataclasses import dataclass

import numpy as np

from klteach.data.extract import open_extract, texts, unpack

CATEGORIES = (
    "SCHL",
    "MAR",
    "RELP",
    "DIS",
    "ESP",
    "CIT",
    "MIG",
    "MIL",
    "ANC",
    "NATIVITY",
    "DEAR",
    "DEYE",
    "DREM",
    "SEX",
    "RAC1P",
)
# Stored are the log odds of the score, as multiples of 1/LOG_ODDS_SCALE. A tenth of the people are
# children with scores near 0.0001, and on four decimals all of them would have the same.
LOG_ODDS_SCALE = 2000
NOT_BORN_IN_THE_COUNTRY = 4  # from this code of CIT on
# Rows are stored sorted, because so they compress better. Nobody should take that for an order.
SEED_OF_THE_ORDER = 0


@dataclass(frozen=True, eq=False)
class Employment:
    """People, one row each; those of one year are together, in no order.

    year      (people,) 2015 to 2018
    columns   16 arrays: "AGEP", the age, of whole numbers, and 15 of texts, the codes of the survey
    employed  (people,) 1 if the person has work, else 0
    score     (people,) the probability that a model gives it, within 0.00007 of the source
    """

    year: np.ndarray
    columns: dict[str, np.ndarray]
    employed: np.ndarray
    score: np.ndarray

    def chosen(self, rows) -> "Employment":
        """The people of a mask or of row numbers.

        >>> data = employment()
        >>> young = data.chosen((data.columns["AGEP"] >= 18) & (data.columns["AGEP"] <= 30))
        >>> round(float(np.mean((young.score - young.employed) ** 2)), 3)
        0.175
        """
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Employment(self.year[rows], columns, self.employed[rows], self.score[rows])


def employment() -> Employment:
    """168,916 people of the American Community Survey in Massachusetts, 2015 to 2018.

    2015 and 2018 are complete, 68,785 and 70,131 people, so that what is significant stays so; 2016
    and 2017 are simple random samples of 15,000 of the about 69,000 of each. The codes are those of
    the survey, and 0 stands for "not asked", nearly always because of the age:

        SCHL      schooling, 1 none to 24 doctorate; 0 below the age of three
        MAR       married 1, widowed 2, divorced 3, separated 4, never married 5
        RELP      relationship to the first person of the household, who is 0; 16 and 17 live in
                  institutions and other group quarters
        DIS       with a disability 1, without 2
        ESP       whether parents who live with a child have work, 1 to 8
        CIT       born in the country 1, in its territories 2, abroad of American parents 3,
                  naturalised 4, not a citizen 5
        MIG       a year ago in the same house 1, in another country 2, in another house 3; 0 is a
                  child that was not yet born: who counts as a mover whoever is not 1, counts these
        MIL       in the armed forces 1, formerly 2, only in training 3, never 4
        ANC       ancestry: single 1, multiple 2, unclassified 3, not reported 4
        NATIVITY  born as a citizen 1, not 2; follows from CIT
        DEAR, DEYE, DREM    difficulty with hearing, seeing, remembering 1, none 2
        SEX       male 1, female 2
        RAC1P     race, 1 to 9

    The source says neither which model gave the score nor on what it was trained. In the source the
    people of a household are next to each other, and they resemble each other; here they are not
    marked, so a test that takes people for independent is a little too sure.

    Source: NannyML, nannyml 0.13.1, Apache-2.0; data: American Community Survey, public use
    microdata, United States Census Bureau.

    >>> data = employment()
    >>> len(data.columns), len(data.year), round(float(np.mean(data.employed)), 3)
    (16, 168916, 0.502)
    """
    stored = open_extract("employment")
    rows = _shuffled(stored["people"])
    citizenship = stored["CIT"]
    codes = stored | {"NATIVITY": 1 + (citizenship >= NOT_BORN_IN_THE_COUNTRY)}
    columns = {"AGEP": stored["AGEP"].astype(np.int64)[rows]}
    for name in CATEGORIES:
        names = np.arange(codes[name].max() + 1).astype(str)
        columns[name] = texts(names, codes[name][rows])
    log_odds = unpack(stored["log_odds_steps"]).cumsum() / LOG_ODDS_SCALE
    score = 1 / (1 + np.exp(-log_odds))
    year = np.repeat(stored["years"].astype(np.int64), stored["people"])
    return Employment(year, columns, stored["employed"].astype(np.int64)[rows], score[rows])


def _shuffled(people):
    """Row numbers in a random order within each year, the same at every call."""
    random = np.random.default_rng(SEED_OF_THE_ORDER)
    first = np.cumsum(people) - people
    years = zip(first, people, strict=True)
    return np.concatenate([at + random.permutation(many) for at, many in years])
