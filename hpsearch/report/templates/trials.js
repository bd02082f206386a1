"use strict";
// The table of trials: sorted, filtered and shown a page at a time, from the data in the page.
const PAGE = 100;
const MOST_COLUMNS = 16;
const FACTS = 7; // entries of a trial before its hyperparameters

const study = JSON.parse(document.getElementById("trial-data").textContent);
const joined = study.names.length > MOST_COLUMNS;
const columns = [
  ...study.headings.map((name, at) => ({ name: name === "objective" ? study.objective : name, at })),
  ...(joined ? [{ name: "hyperparameters", at: null }]
    : study.names.map((name, at) => ({ name, parameter: at }))),
];
const explorer = { shown: study.trials, page: 0, column: null, sign: 1, words: [] };

function valueOf(trial, column) {
  if (column.parameter !== undefined) return trial[FACTS][column.parameter] ?? null;
  return column.at === null ? parametersOf(trial) : trial[column.at];
}

function parametersOf(trial) {
  return study.names
    .map((name, at) => [name, trial[FACTS][at] ?? null])
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${textOf(value)}`)
    .join(", ");
}

// As Python's %.4g, so that page and figures say the same.
function textOf(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  if (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e4) return String(Number(value.toPrecision(4)));
  const [digits, exponent] = value.toExponential(3).split("e");
  const power = Number(exponent);
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${Number(digits)}e${power < 0 ? "-" : "+"}${size}`;
}

function cellText(trial, column) {
  const value = valueOf(trial, column);
  if (column.at === 2) return value ?? "";
  if (column.at === 3 && value !== null) return value.toFixed(4);
  if (column.at === 6 && value !== null) return value.toFixed(1);
  return textOf(value);
}

function make(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

// --- what is shown -----------------------------------------------------------

const COMPARISON = /^(.+?)(<=|>=|=|<|>)(.+)$/;
const HOLDS = {
  "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b,
};

function conditionOf(word) {
  const found = COMPARISON.exec(word);
  const column = found && columnCalled(found[1]);
  if (!column) return (trial) => wordsOf(trial).includes(word);
  const [, , sign, wanted] = found;
  if (sign === "=") return (trial) => isSame(valueOf(trial, column), wanted);
  return (trial) => {
    const value = valueOf(trial, column);
    return typeof value === "number" && HOLDS[sign](value, Number(wanted));
  };
}

function columnCalled(name) {
  const parameter = study.names.findIndex((own) => own.toLowerCase() === name);
  if (parameter >= 0) return { parameter };
  return columns.find((column) => column.name.toLowerCase().replaceAll(" ", "_") === name);
}

const isSame = (value, wanted) =>
  textOf(value).toLowerCase() === wanted || String(value).toLowerCase() === wanted
  || (typeof value === "number" && value === Number(wanted));

const wordsCache = new Map();
function wordsOf(trial) {
  if (!wordsCache.has(trial[0])) {
    wordsCache.set(trial[0], columns.map((c) => cellText(trial, c)).join(" ").toLowerCase());
  }
  return wordsCache.get(trial[0]);
}

function choose() {
  const conditions = explorer.words.map(conditionOf);
  explorer.shown = study.trials.filter((trial) => conditions.every((holds) => holds(trial)));
  if (explorer.column) explorer.shown.sort(byColumn(explorer.column, explorer.sign));
  explorer.page = 0;
  show();
}

function byColumn(column, sign) {
  const missing = (value) => value === null || value === "";
  return (one, other) => {
    const [a, b] = [valueOf(one, column), valueOf(other, column)];
    if (missing(a) || missing(b)) return missing(a) - missing(b) || one[0] - other[0];
    const order = typeof a === "number" && typeof b === "number"
      ? a - b : textOf(a).localeCompare(textOf(b));
    return sign * order || one[0] - other[0];
  };
}

function show() {
  const first = explorer.page * PAGE;
  const rows = explorer.shown.slice(first, first + PAGE).map(rowOf);
  table.tBodies[0].replaceChildren(...rows);
  const last = first + rows.length;
  const all = study.trials.length;
  const found = explorer.shown.length;
  const range = found > PAGE ? `${first + 1}–${last} of ` : "";
  count.textContent = found === all ? `${range}${all} trials` : `${range}${found} of ${all} trials`;
  before.disabled = first === 0;
  after.disabled = last >= found;
  pager.hidden = found <= PAGE;
}

function rowOf(trial) {
  const open = make("button", { type: "button", className: "open", "aria-haspopup": "dialog" }, String(trial[0]));
  open.setAttribute("aria-label", `Open trial ${trial[0]}`);
  open.addEventListener("click", () => openTrial(trial[0]));
  const row = make("tr", {}, make("th", { scope: "row" }, open));
  if (trial[0] === study.best) row.className = "best";
  for (const column of columns.slice(1)) {
    const cell = make("td", {}, cellText(trial, column));
    if (typeof valueOf(trial, column) === "number" || cell.textContent === "–") cell.className = "number";
    if (column.at === null) cell.className = "text";
    row.append(cell);
  }
  return row;
}

// --- the controls ------------------------------------------------------------

const table = document.getElementById("trial-table");
const filter = make("input", { type: "search", id: "filter", autocomplete: "off" });
const count = make("output", { htmlFor: "filter" });
const before = make("button", { type: "button" }, "← previous");
const after = make("button", { type: "button" }, "next →");
const pager = make("span", { className: "pager" }, before, after);

filter.setAttribute("aria-describedby", "filter-hint");
filter.addEventListener("input", () => {
  explorer.words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  choose();
});
before.addEventListener("click", () => { explorer.page -= 1; show(); });
after.addEventListener("click", () => { explorer.page += 1; show(); });

const headings = columns.map((column) => {
  const button = make("button", { type: "button" }, column.name);
  const heading = make("th", { scope: "col" }, button);
  button.addEventListener("click", () => {
    explorer.sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    explorer.column = column;
    for (const other of headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", explorer.sign > 0 ? "ascending" : "descending");
    choose();
  });
  return heading;
});
table.tHead.rows[0].replaceChildren(...headings);
headings[0].setAttribute("aria-sort", "ascending");
document.getElementById("trial-note").textContent = "Open a trial by its number.";
table.parentElement.before(
  make("div", { className: "filter" },
    make("label", { htmlFor: "filter" }, "Show trials with"), filter, count, pager),
  make("p", { className: "hint", id: "filter-hint" },
    "Words, or comparisons such as ", make("code", {}, `${study.objective}>0.9`), " and ",
    make("code", {}, "state=failed"), "; all must hold. Headings sort."),
);
show();
