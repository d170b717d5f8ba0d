"""A simulated story: two product launches, and a model that does not hear of them.

Nothing in here is measured. Who knows what was put in can check what a monitor takes out.
"""

from dataclasses import dataclass

import numpy as np

WEEKS = 130
CUSTOMERS_A_WEEK = 400
BASELINE_WEEKS = range(78)  # 18 months
LAUNCHES = (82, 92)
WINDOW_WEEKS = range(94, 120)  # 6 months, the rolling window for the second training
LATEST_WEEKS = range(120, WEEKS)
# How many weeks pass until every new customer meets what was launched.
ROLL_OUT = 2
DRIFTING = ("average_session_length", "integrations_used", "feature_adoption_breadth")

PLANS = ("starter", "team", "business", "enterprise")
PRICES = (20.0, 40.0, 70.0, 110.0)
REGIONS = ("Africa", "Americas", "Asia", "Europe", "Oceania")
SECTORS = ("education", "finance", "health", "industry", "media", "public", "software")
CHANNELS = ("event", "partner", "referral", "search")


@dataclass(frozen=True, eq=False)
class LifetimeValue:
    """Customers after their first full month, one row each, and what they came to be worth.

    week     (customers,) 0 to 129
    columns  34 arrays: 30 of numbers, 4 of texts; no value is missing
    value    (customers,) the lifetime value in euros, known only long afterwards
    """

    week: np.ndarray
    columns: dict[str, np.ndarray]
    value: np.ndarray

    def in_weeks(self, weeks) -> "LifetimeValue":
        """The customers of these weeks."""
        chosen = np.isin(self.week, list(weeks))
        columns = {name: values[chosen] for name, values in self.columns.items()}
        return LifetimeValue(self.week[chosen], columns, self.value[chosen])


def lifetime_value(seed: int = 0, customers_a_week: int = CUSTOMERS_A_WEEK) -> LifetimeValue:
    """130 weekly cohorts of customers of a made-up product, in which three of 34 columns drift.

    Weeks 0 to 77, 18 months, are the baseline, on which the first model is trained. At week 82
    integrations are launched: customers use 1.6 times as many, and more features. At week 92 a
    shared workspace follows: sessions get 1.3 times as long, and again more features are used. Each
    launch takes two weeks to reach everybody. From week 94 on nothing changes: weeks 94 to 119 are
    the rolling window for a second training, weeks 120 to 129 the latest customers. A model of
    sums then says some 15 % too little, and one trained on the window is right again within 3 %.

    The other 31 columns have the same law in every week, and rows are independent given the week.
    The value is the monthly price times the expected months, and these grow with the product of the
    three columns that drift. A model that adds up what each column brings, fitted before the
    launches, has seen little of what happens when all three are high, and says too little.

    Errors: ValueError if no customer comes.

    >>> data = lifetime_value(seed=1)
    >>> len(data.columns), data.value.shape
    (34, (52000,))
    """
    if customers_a_week < 1:
        raise ValueError(f"customers_a_week is at least 1, not {customers_a_week}.")
    random = np.random.default_rng(seed)
    week = np.repeat(np.arange(WEEKS), customers_a_week)
    integrations, workspace = (np.clip((week - at) / ROLL_OUT, 0, 1) for at in LAUNCHES)
    columns = _columns(random, len(week), integrations, workspace)
    return LifetimeValue(week, columns, _value(random, columns))


def _columns(random, rows, integrations, workspace):
    # Two things that nobody measures make the columns of one customer resemble each other.
    size, interest = random.normal(size=(2, rows))
    plan = np.digitize(size + 0.7 * random.normal(size=rows), (-0.3, 0.8, 1.8))

    def around(middle, spread, size_share=0.0, interest_share=0.0):
        own = np.sqrt(1 - size_share**2 - interest_share**2) * random.normal(size=rows)
        return middle * np.exp(spread * (size_share * size + interest_share * interest + own))

    def counted(mean):
        return random.poisson(mean)

    def share(successes, failures):
        return random.beta(successes, failures, size=rows)

    def of(names, shares):
        return np.array(names, dtype=object)[random.choice(len(names), size=rows, p=shares)]

    seats = 1 + counted(around(6, 0.9, size_share=0.8))
    contract = random.choice([1, 12, 24, 36], size=rows, p=[0.45, 0.4, 0.1, 0.05])
    return {
        "average_session_length": around(14, 0.3, interest_share=0.5) * (1 + 0.3 * workspace),
        "integrations_used": counted(around(2, 0.3, 0.3, 0.3) * (1 + 0.6 * integrations)),
        "feature_adoption_breadth": 1
        + random.binomial(39, _logistic(-1.3 + 0.4 * interest + 0.3 * (integrations + workspace))),
        "sessions_a_week": counted(around(9, 0.5, interest_share=0.7)),
        "active_days_a_month": random.binomial(30, _logistic(0.2 + 0.7 * interest)),
        "seats": seats,
        "active_seat_share": share(6, 2),
        "projects": counted(around(5, 0.7, 0.5, 0.4)),
        "files_uploaded": counted(around(40, 0.9, 0.4, 0.5)),
        "comments": counted(around(25, 1.0, 0.3, 0.6)),
        "exports": counted(around(3, 0.8, 0.3, 0.3)),
        "searches": counted(around(30, 0.7, 0.2, 0.6)),
        "invitations": counted(around(2, 0.8, 0.6, 0.3)),
        "mobile_share": share(2, 5),
        "evening_share": share(2, 8),
        "support_tickets": counted(around(0.8, 0.6, 0.4)),
        "first_reply_hours": around(5, 0.8),
        "satisfaction": 1 + random.binomial(9, _logistic(1 + 0.5 * interest)),
        "training_hours": around(1.5, 0.9, 0.4, 0.3),
        "onboarding_days": around(9, 0.5, 0.3, -0.2),
        "login_failures": counted(around(0.6, 0.5)),
        "page_load_seconds": around(1.4, 0.3),
        "error_share": share(1.2, 80),
        "price": np.array(PRICES)[plan],
        "discount": 0.05 * random.integers(0, 7, size=rows),
        "contract_months": contract,
        "payment_delay_days": around(6, 0.9),
        "invoices": counted(np.where(contract == 1, 1.0, 0.3)),
        "company_age_years": around(8, 0.8, 0.4),
        "employees": np.ceil(around(35, 1.2, 0.8)).astype(np.int64),
        "plan": np.array(PLANS, dtype=object)[plan],
        "region": of(REGIONS, (0.05, 0.38, 0.17, 0.34, 0.06)),
        "sector": of(SECTORS, (0.1, 0.12, 0.1, 0.17, 0.11, 0.08, 0.32)),
        "channel": of(CHANNELS, (0.08, 0.2, 0.27, 0.45)),
    }


def _value(random, columns):
    """Price times expected months. What customers make of the product is a product of three."""
    use = (
        (columns["average_session_length"] / 14)
        * (1 + columns["integrations_used"])
        / 3
        * (columns["feature_adoption_breadth"] / 10)
    )
    months = 4 + 8 * use + 0.3 * (columns["satisfaction"] - 7) + 0.1 * columns["contract_months"]
    price = columns["price"] * (1 - columns["discount"])
    luck = random.gamma(20, 1 / 20, size=len(price))
    return price * months * luck


def _logistic(x):
    return 1 / (1 + np.exp(-x))
