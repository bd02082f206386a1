"use strict";
// Sorting of small tables is an extra: without JavaScript they are complete.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(body, column, descending ? -1 : 1);
    });
  });
}

function sort(body, column, sign) {
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
