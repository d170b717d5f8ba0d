// Which review questions a warm-up asks: what klteach/practice/quiz/warm_up.py and verbs.py do.

const WAITS = [1, 3, 7]; // notebooks, for each box
const MOST_WRONG = 2;
const WARM_UP_LENGTH = 3;

/** For each event the number of the notebook in which it was answered, from 0. */
function clock(events) {
  let now = 0;
  return events.map((event, place) => {
    if (place && event.warm_up !== events[place - 1].warm_up) now += 1;
    return now;
  });
}

/** What is known of each question that was answered: its box, when it was seen, how often. */
function cardsOf(events) {
  const cards = new Map();
  const times = clock(events);
  events.forEach((event, place) => {
    const old = cards.get(event.item) ?? { box: 0, times: 0 };
    const box = event.hit === true ? Math.min(old.box + 1, WAITS.length - 1) : 0;
    cards.set(event.item, { box, seen: times[place], times: old.times + 1 });
  });
  return cards;
}

function choose(names, events, warmUp, count) {
  const cards = cardsOf(events);
  let now = Math.max(0, ...clock(events));
  if (events.length && events.at(-1).warm_up !== warmUp) now += 1;
  const dueAt = (name) => cards.get(name).seen + WAITS[cards.get(name).box];
  const fresh = names.filter((name) => !cards.has(name));
  const asked = names.filter((name) => cards.has(name)).sort((a, b) => dueAt(a) - dueAt(b));
  const due = asked.filter((name) => dueAt(name) <= now);
  const firstBox = due.filter((name) => cards.get(name).box === 0);
  const others = due.filter((name) => cards.get(name).box > 0);
  const later = asked.filter((name) => dueAt(name) > now);
  return [
    ...firstBox.slice(0, MOST_WRONG), ...fresh.slice(0, 1), ...firstBox.slice(MOST_WRONG),
    ...others, ...fresh.slice(1), ...later,
  ].slice(0, count);
}

/** The codes of the units in which something was done; a warm-up's answers are no visit. */
function visitedUnits(events, units) {
  const unitOf = new Map(units.flatMap((unit) => unit.questions.map((name) => [name, unit.code])));
  const visited = new Set();
  for (const event of events) {
    if (event.kind === "prediction") visited.add((event.item ?? "").slice(0, 2));
    else if (event.kind === "check" || event.kind === "seen")
      visited.add(unitOf.get(event.question ?? "") ?? "");
  }
  return visited;
}

/** [name, how often it was answered] of each question that the warm-up of `unit` asks. */
function warmUpQuestions(unit, units, events) {
  const earlier = units.filter((known) => known.code < unit);
  const visited = visitedUnits(events, units);
  let own = earlier.filter((known) => visited.has(known.code));
  const size = own.reduce((sum, known) => sum + known.review.length, 0);
  if (size < WARM_UP_LENGTH) own = earlier.filter((known) => visited.has(known.code) || known.core);
  const pools = own.map((known) => known.review).reverse();
  const longest = Math.max(0, ...pools.map((pool) => pool.length));
  const mixed = [];
  for (let turn = 0; turn < longest; turn += 1)
    for (const pool of pools) if (turn < pool.length) mixed.push(pool[turn]);
  const reviews = events.filter((event) => event.kind === "review");
  const cards = cardsOf(reviews);
  return choose(mixed, reviews, unit, WARM_UP_LENGTH).map((name) => [name, cards.get(name)?.times ?? 0]);
}
klteach.warmUpQuestions = warmUpQuestions; // for its test, which holds it against Python's

/** A question's version for somebody who has answered it so often: then they come round again. */
function versionFor(versions, times) {
  return times === 0 ? versions[0] : versions[1 + ((times - 1) % (versions.length - 1))];
}

/** The sheet of a warm-up as `quizModel` takes it. */
async function warmUpSheet(data) {
  const units = await sharedData("units");
  const chosen = warmUpQuestions(data.warm_up, units, history());
  const items = [];
  const known = {};
  for (const [name, times] of chosen) {
    const questions = await fetchData(`review-${name.slice(0, 2)}`, reviewFile(units, name));
    const version = versionFor(questions[name], times);
    items.push({ ...version.item });
    known[name] = { ...version.known, warm_up: data.warm_up };
  }
  return { ...data, items, known };
}

function reviewFile(units, name) {
  return units.find((unit) => unit.review.includes(name)).file;
}
