// A term's first sentences while it is pointed at or has the focus; its link still leads there.

const HOVER = 250; // ms before it shows, so that a mouse on its way opens nothing

let tip = null;
let timer = null;

function hideTip() {
  clearTimeout(timer);
  tip?.remove();
  tip = null;
}

async function showTip(link) {
  const terms = await sharedData("glossary");
  const entry = terms[link.hash.slice(1)];
  if (!entry || !link.matches(":hover, :focus")) return;
  hideTip();
  tip = element("div", { id: "tip", role: "tooltip" }, element("b", {}, entry.term));
  const words = element("p");
  words.innerHTML = entry.html; // from the glossary itself
  tip.append(words);
  document.body.append(tip);
  const place = link.getBoundingClientRect();
  const left = Math.max(8, Math.min(place.left, document.documentElement.clientWidth - tip.offsetWidth - 8));
  const below = place.bottom + 4;
  const fits = below + tip.offsetHeight < innerHeight;
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${(fits ? below : place.top - tip.offsetHeight - 4) + scrollY}px`;
  link.setAttribute("aria-describedby", "tip");
  tip.addEventListener("mouseleave", hideTip);
}

function soon(work, wait) {
  clearTimeout(timer);
  timer = setTimeout(work, wait);
}

for (const link of document.querySelectorAll("a.term")) {
  const show = () => showTip(link).catch(() => {});
  link.addEventListener("mouseenter", () => soon(show, HOVER));
  link.addEventListener("focus", show);
  link.addEventListener("blur", hideTip);
  // the way from the term into the tip crosses a gap
  link.addEventListener("mouseleave", () => soon(() => tip?.matches(":hover") || hideTip(), HOVER));
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
});
