// Keys in a widget of the course, which stands in a notebook that has keys of its own.

/** Arrows, letters and Enter are for the widget; Ctrl+S and the like are for the notebook. */
export function keepPlainKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.shiftKey) return;
  event.stopPropagation();
  // back to the cell, as from an editor
  if (event.key === "Escape") event.currentTarget.closest(".jp-Notebook")?.focus();
}
