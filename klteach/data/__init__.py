"""Small data sets that come with the library: real ones, and one simulated story.

    footfall                people past street sensors in Auckland, hour by hour
    flights, weather        departures from New York in 2013, and the weather that they share
    state_of_the_union      how often each word comes in each annual address to Congress
    paragraph_vectors       paragraphs of some of these addresses as vectors of a language model
    tool_calls              tools that the tasks of a benchmark call for, turn by turn
    employment              people in a census survey, and a model's score for who has work
    digits                  handwritten digits of 8 × 8 pixels
    digits_vae              weights of nine small models of the digits, trained here
    digit_teacher           what a network trained on half of them says of each
    lifetime_value          simulated: a customer table of 34 features, three of which drift

Counts and numbers only, never other people's prose. SOURCES.md beside the files says where each
comes from, under which licence, and what was done to it; nothing is fetched from the network.
Two helpers: `clock` (hour, weekday and week of a time) and `extract` (how the files are read).
"""

from klteach.data.clock import hour_of_day, week, weekday
from klteach.data.digit_teacher import digit_teacher
from klteach.data.digits import Digits, digits
from klteach.data.digits_vae import digits_vae
from klteach.data.employment import Employment, employment
from klteach.data.flights import Flights, Weather, flights, weather
from klteach.data.footfall import Footfall, footfall
from klteach.data.lifetime_value import LifetimeValue, lifetime_value
from klteach.data.paragraph_vectors import Paragraphs, paragraph_vectors
from klteach.data.state_of_the_union import Addresses, Passages, passages, state_of_the_union
from klteach.data.tool_calls import tool_calls

__all__ = [
    "Addresses",
    "Digits",
    "Employment",
    "Flights",
    "Footfall",
    "LifetimeValue",
    "Paragraphs",
    "Passages",
    "Weather",
    "digit_teacher",
    "digits",
    "digits_vae",
    "employment",
    "flights",
    "footfall",
    "hour_of_day",
    "lifetime_value",
    "paragraph_vectors",
    "passages",
    "state_of_the_union",
    "tool_calls",
    "weather",
    "week",
    "weekday",
]
