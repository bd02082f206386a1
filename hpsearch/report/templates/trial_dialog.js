"use strict";
// One trial opened: hyperparameters, curves, what it said when it failed, where its time went.
const dialog = make("dialog", { id: "trial" });
dialog.setAttribute("aria-labelledby", "trial-heading");
document.body.append(dialog);
const byNumber = new Map(study.trials.map((trial) => [trial[0], trial]));
let opened = null;

dialog.addEventListener("close", () => {
  if (location.hash.startsWith("#trial-")) history.replaceState(null, "", location.pathname + location.search);
});
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) go(step);
});
window.addEventListener("hashchange", openByAddress);

function openByAddress() {
  const number = /^#trial-(\d+)$/.exec(location.hash);
  if (number && byNumber.has(Number(number[1]))) openTrial(Number(number[1]));
}

function openTrial(number) {
  opened = byNumber.get(number);
  dialog.replaceChildren(...contentOf(opened));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  history.replaceState(null, "", `#trial-${number}`);
}

function go(step) {
  const next = explorer.shown[explorer.shown.indexOf(opened) + step];
  if (next) openTrial(next[0]);
}

function contentOf(trial) {
  const [number, state, failure, value, bestEpoch, epochs, seconds, , facts, message, curves, phases] = trial;
  const about = [["state", failure ? `${state} (${failure})` : state], [study.objective, value === null ? null : value.toFixed(4)],
    ["best epoch", bestEpoch], ["epochs", epochs], ["seconds", seconds],
    ...study.facts.map((name, at) => [name, facts[at] ?? null])];
  const parts = [bar(number)];
  parts.push(listOf(about));
  if (message !== null) {
    parts.push(make("h3", {}, state === "failed" ? "Why it failed" : "Message"), make("pre", {}, study.messages[message]));
  }
  parts.push(make("h3", {}, "Hyperparameters"), listOf(study.names.map((name, at) => [name, trial[7][at] ?? null])));
  parts.push(...historyOf(curves, bestEpoch));
  if (phases.length) {
    parts.push(make("h3", {}, "Seconds by phase"), listOf(study.phases.map((name, at) => [name, phases[at] ?? null])));
  }
  return parts;
}

function bar(number) {
  const button = (text, act) => {
    const made = make("button", { type: "button" }, text);
    made.addEventListener("click", act);
    return made;
  };
  const at = explorer.shown.indexOf(opened);
  const previous = button("← previous", () => go(-1));
  const next = button("next →", () => go(1));
  previous.disabled = at <= 0;
  next.disabled = at < 0 || at + 1 >= explorer.shown.length;
  const heading = make("h2", { id: "trial-heading", tabIndex: -1, autofocus: true },
    `Trial ${number}${number === study.best ? ", the winner" : ""}`);
  return make("div", { className: "bar" }, heading, previous, next, button("close", () => dialog.close()));
}

function listOf(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined);
  if (!known.length) return make("p", { className: "missing" }, "None.");
  const entries = known.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, textOf(value))));
  return make("dl", { className: "params" }, ...entries);
}

// --- curves ------------------------------------------------------------------

function historyOf(curves, bestEpoch) {
  const count = Math.max(0, ...curves.map((values) => values.length));
  if (!count) return [];
  const epochs = epochsOf(count, bestEpoch);
  const bases = [...new Set(study.metrics.map((name) => name.replace(/^val_/, "")))];
  const charts = bases.map((base) => {
    const lines = [["training", base], ["validation", `val_${base}`]]
      .map(([label, name]) => ({ label, values: curves[study.metrics.indexOf(name)] ?? [] }))
      .filter((line) => line.values.some((value) => value !== null));
    return lines.length ? chartOf(base, epochs, lines, bestEpoch) : null;
  }).filter(Boolean);
  const note = study.every > 1 ? [make("p", { className: "hint" }, `Every ${study.every} epochs, the best and the last.`)] : [];
  return [make("h3", {}, "History"), ...note, make("div", { className: "charts" }, ...charts), numbersOf(epochs, curves)];
}

// Which epochs a history has: as trial_data.py chose them. Its length tells how many there were.
function epochsOf(count, bestEpoch) {
  if (study.every === 1) return Array.from({ length: count }, (_, at) => at + 1);
  const total = opened[5];
  const kept = new Set([total]);
  for (let epoch = 1; epoch <= total; epoch += study.every) kept.add(epoch);
  if (bestEpoch !== null && bestEpoch <= total) kept.add(bestEpoch);
  return [...kept].sort((a, b) => a - b).slice(0, count);
}

const SVG = "http://www.w3.org/2000/svg";
const [WIDE, HIGH, LEFT, BELOW, ABOVE] = [360, 210, 48, 28, 12];

function draw(name, properties, text = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties)) node.setAttribute(key, value);
  node.textContent = text;
  return node;
}

function chartOf(title, epochs, lines, bestEpoch) {
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const reach = high - low || Math.abs(high) * 0.1 || 1;
  const last = epochs[epochs.length - 1];
  const across = (epoch) => LEFT + ((epoch - 1) / Math.max(last - 1, 1)) * (WIDE - LEFT - 10);
  const up = (value) => ABOVE + (1 - (value - low) / reach) * (HIGH - ABOVE - BELOW);
  const words = lines.map((line) => `${line.label} from ${textOf(line.values[0])} to ${textOf(line.values[line.values.length - 1])}`);
  const svg = draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", class: "chart",
    "aria-label": `${title} over ${last} epochs: ${words.join(", ")}` });
  for (const share of [0, 0.5, 1]) {
    const value = low + share * reach;
    svg.append(draw("line", { x1: LEFT, x2: WIDE - 10, y1: up(value), y2: up(value), class: "grid" }));
    svg.append(draw("text", { x: LEFT - 5, y: up(value) + 4, "text-anchor": "end" }, String(Number(value.toPrecision(3)))));
  }
  for (const epoch of new Set([1, last])) svg.append(draw("text", { x: across(epoch), y: HIGH - 9, "text-anchor": "middle" }, epoch));
  if (bestEpoch !== null) {
    svg.append(draw("line", { x1: across(bestEpoch), x2: across(bestEpoch), y1: ABOVE, y2: HIGH - BELOW, class: "best-epoch" }));
  }
  lines.forEach((line) => drawLine(svg, line, epochs, across, up));
  const legend = lines.map((line) => make("span", { className: line.label }, line.label));
  return make("figure", {}, make("figcaption", {}, `${title}: `, ...legend), svg);
}

function drawLine(svg, line, epochs, across, up) {
  const points = line.values.map((value, at) => (value === null ? null : `${across(epochs[at]).toFixed(1)},${up(value).toFixed(1)}`));
  const path = points.map((point, at) => (point ? `${at && points[at - 1] ? "L" : "M"}${point}` : "")).join("");
  svg.append(draw("path", { d: path, class: line.label }));
  if (points.length <= 40) {
    for (const point of points.filter(Boolean)) {
      const [x, y] = point.split(",");
      svg.append(draw("circle", { cx: x, cy: y, r: 2.2, class: line.label }));
    }
  }
}

function numbersOf(epochs, curves) {
  const known = study.metrics.map((name, at) => [name, curves[at] ?? []]).filter(([, values]) => values.length);
  const row = (epoch, at) => make("tr", {}, make("th", { scope: "row" }, String(epoch)),
    ...known.map(([, values]) => make("td", { className: "number" }, textOf(values[at] ?? null))));
  const head = make("tr", {}, ...["epoch", ...known.map(([name]) => name)].map((name) => make("th", { scope: "col" }, name)));
  const wide = make("div", { className: "wide", tabIndex: 0, role: "group" });
  wide.setAttribute("aria-label", "Table: numbers by epoch");
  wide.append(make("table", {}, make("caption", {}, "Metrics after each epoch"), make("thead", {}, head), make("tbody", {}, ...epochs.map(row))));
  return make("details", {}, make("summary", {}, "Numbers by epoch"), wide);
}

openByAddress();
