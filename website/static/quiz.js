// Answers a sheet of quiz items in the place of Python, by the table of what each answer reveals.

const MONTHS = (
  "January February March April May June July August September October November December"
).split(" ");

/** A number as Python's format "g" writes it: six digits, no zeros at the end. */
function general(number) {
  const [digits, power] = number.toExponential(5).split("e");
  if (number === 0 || (power >= -4 && power < 6)) return String(Number(number.toPrecision(6)));
  const sign = power < 0 ? "-" : "+";
  return `${Number(digits)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** The row of the table that speaks for an answer. */
function rowOf(item, known, answer) {
  if (item.form === "choice") return known.answers[answer];
  return known.answers.find(({ low, high }) => low <= answer && answer <= high);
}

/** The answer that an event recorded, or null if it is none to this question any more. */
function answerOf(item, known, event) {
  if (item.form === "choice") {
    const place = known.answers.findIndex(({ code }) => code === event.code);
    return place === -1 ? null : place;
  }
  const fits = typeof event.answer === "number" && item.low <= event.answer && event.answer <= item.high;
  return fits && rowOf(item, known, event.answer) ? event.answer : null;
}

function whenOf(time) {
  const day = new Date(time);
  if (Number.isNaN(day.getTime())) return "You committed this earlier, and a commitment stays.";
  const date = `${day.getDate()} ${MONTHS[day.getMonth()]} ${day.getFullYear()}`;
  return `You committed this on ${date}, and a commitment stays.`;
}

/** What is shown once an answer is committed; confidence from 0 to 1, or null. */
function revealOf(item, known, answer, confidence, { alert = "", when = "" } = {}) {
  const { said, code, hit, low, high, ...shown } = rowOf(item, known, answer);
  const words = item.form === "choice" ? said : `${general(answer)} ${item.unit}`.trim();
  const percent = confidence === null ? null : Math.round(100 * confidence);
  const sure = percent === null ? "" : `, ${percent} % sure`;
  return { ...shown, answer, confidence: percent, yours: `You said: ${words}${sure}.`, alert, when };
}

function isConfidence(value) {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** The reveal of what was committed before, or null. */
function remembered(item, known) {
  if (known.kind === "review") return null;
  const own = history(known.kind).filter(
    // an event of the inventory says which asking it was; older ones say nothing and are the first
    (event) => event.item === item.item && (event.again === true) === (known.again === true),
  );
  for (const event of own.reverse()) {
    const answer = answerOf(item, known, event);
    const confidence = event.confidence ?? null;
    if (answer === null || (confidence !== null && !isConfidence(confidence))) continue;
    return revealOf(item, known, answer, confidence, { when: whenOf(event.time) });
  }
  return null;
}

/** Records an answer with the fields that klteach/practice/quiz/sheet.py gives it. */
function commit(item, known, answer, confidence) {
  const row = rowOf(item, known, answer);
  const fields = {
    unit: known.unit,
    item: item.item,
    answer: item.form === "choice" ? row.said : answer,
  };
  if (known.kind === "prediction") {
    fields.confidence = confidence;
    fields.truth = known.truth;
  }
  if (known.kind === "review") fields.warm_up = known.warm_up;
  if (known.kind === "inventory") fields.again = known.again;
  else fields.hit = row.hit;
  return record(known.kind, { ...fields, code: row.code });
}

/** What `quiz.js` of the library takes for the widget's model. */
function quizModel(data) {
  const items = data.items.map((item) => ({ ...item, reveal: remembered(item, data.known[item.item]) }));
  const values = { ...data, items };
  let hear = () => {};
  return {
    get: (name) => values[name],
    on(_, callback) {
      hear = callback;
    },
    off() {},
    send({ item: name, answer, confidence }) {
      const item = items.find((each) => each.item === name);
      const known = data.known[name];
      // another tab may have committed the same prediction since
      let reveal = remembered(item, known);
      if (!reveal) {
        const sure = confidence === null ? null : confidence / 100;
        const alert = commit(item, known, answer, sure);
        reveal = revealOf(item, known, answer, sure, { alert });
      }
      queueMicrotask(() => hear({ type: "reveal", item: name, reveal }));
    },
  };
}
klteach.quizModel = quizModel; // for its test, which holds it against Python's sheet
