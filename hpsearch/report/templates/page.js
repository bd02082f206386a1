"use strict";
// Sorting and filtering are extras: without JavaScript the tables are complete.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => sort(table, body, heading, column));
  });
}

function sort(table, body, heading, column) {
  const descending = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const sign = descending ? -1 : 1;
  const rows = [...body.rows].map((row) => {
    const cell = row.cells[column];
    const number = cell.dataset.key === undefined ? NaN : Number(cell.dataset.key);
    return { row, number, text: cell.textContent };
  });
  const missing = (entry) => entry.text === "–" || entry.text === "";
  rows.sort((a, b) => {
    if (missing(a) || missing(b)) return missing(a) - missing(b); // always last
    if (!Number.isNaN(a.number) && !Number.isNaN(b.number)) return sign * (a.number - b.number);
    return sign * a.text.localeCompare(b.text);
  });
  body.append(...rows.map((entry) => entry.row));
}

for (const table of document.querySelectorAll("table.filterable")) {
  const rows = [...table.tBodies[0].rows];
  const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase());
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  const form = document.createElement("div");
  input.type = "search";
  input.id = "filter";
  label.htmlFor = "filter";
  label.textContent = "Show rows with";
  form.className = "filter";
  form.append(label, input, count);
  table.parentElement.before(form);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      if (!row.hidden) shown += 1;
    });
    count.textContent = `${shown} of ${rows.length}`;
  });
}
