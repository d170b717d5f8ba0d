// Search: every section of the course, in memory, from the first word that is typed.

const MOST_FOUND = 12;
const IN_HEADING = 6; // times the weight of a word in the text
const AROUND = 40; // letters before the word that is found
const EXCERPT = 120;

const field = document.querySelector("#search");
const results = document.querySelector("#results");

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

let sections = null;
async function searchIndex() {
  if (!sections) {
    const rows = await sharedData("search");
    sections = rows.map(([page, anchor, title, heading, words]) => ({
      page, anchor, title, heading, words,
      top: folded(heading), above: folded(title), text: folded(words),
    }));
  }
  return sections;
}

function count(text, word) {
  const start = new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`, "gu");
  return (text.match(start) ?? []).length;
}

/** How well a section fits; 0 if a word is missing. A word counts for more in a short text. */
function fit(section, words) {
  let sum = 0;
  for (const word of words) {
    const top = count(section.top, word);
    const above = count(section.above, word);
    const text = count(section.text, word);
    if (!top && !above && !text) return 0;
    sum += IN_HEADING * Math.min(top, 1) + (IN_HEADING / 3) * Math.min(above, 1);
    sum += (Math.min(text, 5) * 200) / (200 + section.text.length);
  }
  const whole = words.join(" ");
  if (section.top === whole) sum += 3 * IN_HEADING;
  if (section.above.includes(whole) && section.anchor === "") sum += 2 * IN_HEADING;
  return sum;
}

function resultLink(section, words) {
  const at = Math.max(0, section.text.indexOf(words[0]) - AROUND);
  const excerpt = section.words.slice(at, at + EXCERPT);
  const link = element("a", { href: `${ROOT}${section.page}${section.anchor && "#" + section.anchor}` });
  link.append(section.heading, element("small", {}, `${section.title} · ${at ? "…" : ""}${excerpt}…`));
  return link;
}

async function find() {
  const words = folded(field.value).split(/\s+/).filter((word) => word.length > 1);
  results.hidden = !words.length;
  if (!words.length) return;
  const found = (await searchIndex())
    .map((section) => [fit(section, words), section])
    .filter(([weight]) => weight > 0)
    .sort(([one], [other]) => other - one)
    .slice(0, MOST_FOUND);
  results.replaceChildren(...found.map(([, section]) => resultLink(section, words)));
  if (!found.length) results.append(element("p", {}, "Nothing found."));
}

const searchForm = field.closest("form");
field.addEventListener("focus", () => searchIndex().catch(() => {}));
field.addEventListener("input", () => find().catch(() => results.replaceChildren("The index did not load.")));
searchForm.addEventListener("submit", (event) => {
  event.preventDefault();
  results.querySelector("a")?.click();
});
searchForm.addEventListener("keydown", (event) => {
  const links = [...results.querySelectorAll("a")];
  const place = links.indexOf(document.activeElement);
  if (event.key === "Escape") {
    results.hidden = true;
    field.focus();
  } else if (event.key === "ArrowDown" && links.length) {
    links[Math.min(place + 1, links.length - 1)].focus();
    event.preventDefault();
  } else if (event.key === "ArrowUp" && place >= 0) {
    (links[place - 1] ?? field).focus();
    event.preventDefault();
  }
});
searchForm.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !searchForm.contains(event.relatedTarget)) results.hidden = true;
});
results.addEventListener("click", () => {
  results.hidden = true;
});
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  field.focus();
  event.preventDefault();
});
