// Numbers as people write them: 0.5 and 0,5, 50 % and 1/3, with a minus of either kind.

/** The number that a text stands for; NaN if it stands for none. */
export function readNumber(text) {
  const plain = text.trim().replaceAll("−", "-").replaceAll(/\s/g, "");
  const percent = plain.endsWith("%");
  const parts = (percent ? plain.slice(0, -1) : plain).split("/").map(readDecimal);
  if (parts.length > 2) return NaN;
  const value = parts.length === 2 ? parts[0] / parts[1] : parts[0];
  return Number.isFinite(value) ? value / (percent ? 100 : 1) : NaN;
}

function readDecimal(text) {
  if (/^[1-9]\d{0,2},\d{3}$/.test(text)) return NaN; // 1,000 is one here and a thousand there
  // one comma is the decimal mark; more of them, or a comma beside a point, could be anything
  const decimal = /^[^.,]*,[^.,]*$/.test(text) ? text.replace(",", ".") : text;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(decimal) ? Number(decimal) : NaN;
}
