"use strict";
// One line is the current one: the pointer, a finger or a key makes it so. `show` lights up what belongs to it.

const { lines, rules, helpers } = JSON.parse(document.getElementById("data").textContent);
const rows = lines.map((_, n) => document.getElementById("L" + n));
const root = document.documentElement;
const stage = document.getElementById("stage");
let now = -1;
let lit = [];

function belonging(n) {
  const { through = [], back = [], updates = [] } = lines[n];
  return [...new Set([...through, ...back, ...updates])];
}

function mark(n, kind, on) {
  for (const part of [rows[n], ...document.querySelectorAll(`g[data-line="${n}"]`)]) part.classList.toggle(kind, on);
}

// Make a line the current one. The list that the pointer is in does not move under it.
function show(n, byPointer = false) {
  n = Math.max(0, Math.min(n, lines.length - 1));
  if (n === now) return;
  lit.forEach((k) => mark(k, "lit", false));
  if (now >= 0) mark(now, "now", false);
  now = n;
  lit = belonging(n);
  mark(n, "now", true);
  lit.forEach((k) => mark(k, "lit", true));
  drawStage();
  if (!byPointer) {
    rows[n].scrollIntoView({ block: "nearest" });
    history.replaceState(null, "", "#L" + n);
  }
  const column = rows[n].closest(".column");
  const there = lit.find((k) => rows[k].closest(".column") !== column);
  if (there !== undefined && wide()) rows[there].scrollIntoView({ block: "nearest" });
}

function wide() {
  return matchMedia("(min-width: 1000px)").matches;
}

// --- the stage: the current line large, with what belongs to it

function element(kind, className, ...parts) {
  const found = document.createElement(kind);
  if (className) found.className = className;
  found.append(...parts);
  return found;
}

function copied(n, what) {
  const found = rows[n].querySelector(what);
  return found ? [found.cloneNode(true)] : [];
}

function drawStage() {
  const line = lines[now];
  const row = rows[now];
  stage.hidden = false;
  stage.className = row.classList[0];
  const gives = [...row.querySelector(".gives").childNodes].map((x) => x.textContent.trim());
  const tag = [row.classList[0], "line " + row.querySelector("i").textContent, ...gives, line.user].filter(Boolean);
  const left = element("div", "line", element("p", "tag", tag.join("  ·  ")), ...copied(now, "pre"), ...copied(now, "math"));
  left.querySelector("pre").classList.toggle("long", row.querySelector("pre").textContent.length > 70);
  if (line.why) left.append(element("p", "why", line.why));
  left.append(...belongings(line));
  const right = element("div", "beside", ...(line.values || []).map(valueOf), ...ruleList(line), ...helperList(line), ...neighbours(line));
  stage.replaceChildren(left, right);
  for (const formula of stage.querySelectorAll("math")) fit(formula);
}

// A formula that is too wide becomes smaller, down to a size that can still be read from afar.
function fit(formula) {
  const ratio = formula.parentElement.clientWidth / formula.scrollWidth;
  if (ratio < 1) formula.style.fontSize = Math.max(ratio, 0.55) * parseFloat(getComputedStyle(formula).fontSize) + "px";
}

function belongings(line) {
  const isUpdate = rows[now].classList.contains("update");
  const isForward = rows[now].classList.contains("forward");
  const titles = [
    [isForward ? "serves the way back, too, through" : "goes back through", line.through],
    ["its gradient comes back by", line.back],
    [isUpdate ? "the lines whose parameters it changes" : "its parameters are changed by", line.updates],
  ];
  return titles.filter(([, which]) => which).flatMap(([title, which]) => {
    const items = which.slice(0, 12).map((n) => {
      const item = element("li", rows[n].classList[0], ...copied(n, "i"), ...copied(n, "pre"));
      item.onclick = () => show(n);
      return item;
    });
    if (which.length > items.length) items.push(element("li", "", `and ${which.length - items.length} more`));
    return [element("h3", "", title), element("ul", "belong", ...items)];
  });
}

function valueOf([name, corner, bars, low, high, facts]) {
  const found = element("div", "values", element("h3", "", name ? `${name} in this run` : "in this run"), element("pre", "", corner));
  if (bars) {
    const heights = [...bars].map((letter) => parseInt(letter, 36));
    const steps = heights.map((h, i) => `M${i * 10} 36V${36 - h}h9V36z`).join("");
    const picture = element("div", "");
    picture.innerHTML = `<svg viewBox="0 0 ${10 * bars.length} 36" preserveAspectRatio="none" role="img"
      aria-label="histogram"><path d="${steps}"/></svg>`;
    found.append(picture, element("div", "ends", element("span", "", low), element("span", "", facts), element("span", "", high)));
  } else if (facts) found.append(element("p", "", facts));
  return found;
}

function ruleList(line) {
  return (line.rules || []).slice(0, 4).map((r) => {
    const [call, argument, text, formula] = rules[r];
    return definition(`the rule: ${call}, differentiated by ${argument}`, text, formula);
  });
}

function helperList(line) {
  return (line.helpers || []).map((name) => definition(`${name} is`, ...helpers[name]));
}

function definition(title, text, formula) {
  const found = element("div", "rule", element("h3", "", title));
  found.insertAdjacentHTML("beforeend", formula + `<pre>${text}</pre>`);
  return found;
}

function neighbours(line) {
  const chips = (which) => which.slice(0, 20).map((n) => {
    const button = element("button", "", rows[n].querySelector("i").textContent);
    button.title = rows[n].querySelector("pre").textContent;
    button.onclick = () => show(n);
    return button;
  });
  const kinds = [["reads what these lines compute", line.uses], ["read by", line.used]];
  return kinds.filter(([, which]) => which).map(([title, which]) =>
    element("div", "chips", element("h3", "", title), ...chips(which)));
}

// --- what readers do

const actions = {
  first: () => show(0),
  last: () => show(lines.length - 1),
  next: () => show(now + 1),
  before: () => show(now - 1),
  part: () => show(rows.findIndex((row, n) => n > now && row.classList[0] !== rows[now].classList[0])),
  partner: () => lit.length && show(lit[0]),
  formulas: () => root.classList.toggle("plain"),
  graph: () => {
    root.classList.toggle("graph");
    if (!wide()) document.getElementById("graph").scrollIntoView();
  },
  keys: () => { document.getElementById("keys").hidden ^= true; },
  larger: () => size(1.1),
  smaller: () => size(1 / 1.1),
};

const keys = {
  ArrowDown: "next", ArrowRight: "next", " ": "next", j: "next", ArrowUp: "before", ArrowLeft: "before", k: "before",
  Home: "first", End: "last", Enter: "partner", PageDown: "part", f: "formulas", g: "graph", "?": "keys",
  "+": "larger", "-": "smaller",
};

function size(factor) {
  root.style.setProperty("--size", factor * (parseFloat(root.style.getPropertyValue("--size")) || 1));
}

addEventListener("keydown", (event) => {
  const action = keys[event.key];
  const pressing = [" ", "Enter"].includes(event.key) && event.target.closest?.("button, summary");
  if (!action || pressing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  actions[action]();
});

// The pointer must have moved: a list that scrolls under it is no pointing.
addEventListener("pointermove", (event) => {
  const row = event.pointerType === "mouse" && (event.movementX || event.movementY) && event.target.closest?.("main li");
  if (row) show(+row.id.slice(1), true);
});

addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  const spot = event.target.closest("main li, g[data-line]");
  if (button) actions[button.dataset.do]();
  else if (spot) show(+(spot.dataset.line ?? spot.id.slice(1)), Boolean(spot.id));
});

root.classList.add("live");
show(parseInt(location.hash.slice(2), 10) || 0, !location.hash);
