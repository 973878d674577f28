// The report's own behaviour: draw the charts, light components up, show membership, sort the table, change theme.
"use strict";

const { charts, data } = JSON.parse(document.getElementById("payload").textContent);
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const closest = (gaps) => gaps.indexOf(Math.min(...gaps));
const views = {};

// ---- Charts ---------------------------------------------------------------------------------------------------------

// Columns {a: [..], b: [..]} as rows [{a, b}, ..].
const rows = (columns) => {
  const names = Object.keys(columns).filter((name) => Array.isArray(columns[name]));
  return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
};

const config = {
  font: getComputedStyle(document.body).fontFamily,
  view: { stroke: null },
  axis: {
    labelColor: "var(--muted)", titleColor: "var(--muted)", tickColor: "var(--rule)", domainColor: "var(--muted)",
    gridColor: "var(--grid)", labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelPadding: 6, tickSize: 4,
  },
  axisX: { grid: false, labelFlush: true, tickCount: 8 },
  axisY: {
    domain: false, ticks: false, tickCount: 5,
    titleAngle: 0, titleAlign: "left", titleBaseline: "bottom", titleX: 0, titleY: -10, // above the axis, to be read upright
  },
};

// Draw a chart; `blanks` fills in what its axes are called, and from where to where they go.
async function draw(name, place, datasets, description, blanks = {}) {
  const spec = JSON.parse(JSON.stringify(charts[name]), (_, value) => (Object.hasOwn(blanks, value) ? blanks[value] : value));
  const compiled = vegaLite.compile({ ...spec, description, datasets }, { config }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "svg", container: place });
  await view.runAsync();
  place.removeAttribute("aria-roledescription");
  place.setAttribute("role", "img"); // with the description as its label, instead of hundreds of marks
  $("svg", place).setAttribute("aria-hidden", "true");
  return view;
}

// Draw a chart in the place of the one that stood there.
async function redraw(name, ...rest) {
  views[name]?.finalize();
  views[name] = await draw(name, $(`#plot-${name}`), ...rest);
}

const signal = (name, value) => Object.values(views).forEach((view) => view.signal(name, value).runAsync());

// Charts leave as much room for the labels on their left as the one that needs most.
async function alignCharts(names) {
  const gutter = Math.max(...names.map((name) => views[name].origin()[0]));
  await Promise.all(names.map((name) => views[name].signal("gutter", gutter).resize().runAsync()));
}

// ---- One component lit everywhere -----------------------------------------------------------------------------------

let pinned = null;

function light(component) {
  document.body.classList.toggle("lighting", component !== null);
  for (const element of $$("[data-component]")) {
    element.classList.toggle("lit", Number(element.dataset.component) === component);
  }
  signal("lit", component);
}

const componentAt = (target) => {
  const element = target.closest?.("[data-component]");
  return element ? Number(element.dataset.component) : null;
};

function pin(component) {
  pinned = pinned === component ? null : component;
  for (const chip of $$(".chip")) chip.setAttribute("aria-pressed", String(Number(chip.dataset.component) === pinned));
  light(pinned);
}

function listenForComponents() {
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, ({ target }) => {
      if (!target.closest?.(".plot")) light(componentAt(target) ?? pinned);
    });
  }
  document.addEventListener("focusout", () => light(pinned));
  document.addEventListener("click", ({ target }) => {
    if (target.closest(".chip")) pin(componentAt(target));
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && pinned !== null) pin(pinned);
  });
}

// ---- Memberships as a list of bars ----------------------------------------------------------------------------------

const percent = (share) =>
  share > 0.995 && share < 0.9995 ? "> 99\u00a0%" : share > 0 && share < 0.005 ? "< 1\u00a0%" : `${Math.round(100 * share)}\u00a0%`;

const reach = (low, high) => {
  const [from, to] = [low, high].map(percent);
  return from === to ? "" : /[<>]/.test(from + to) ? `${from} to ${to}` : `${from.slice(0, -2)}–${to}`;
};

function listShares(list, count) {
  for (let j = 0; j < count; j++) {
    const item = list.appendChild(document.createElement("li"));
    item.dataset.component = j;
    item.append($(`.legend .chip[data-component="${j}"]`).cloneNode(true));
    item.insertAdjacentHTML("beforeend", '<span class="track"><span class="fill"></span><span class="reach"></span></span><span class="amount"></span><span class="range"></span>');
  }
}

function showShares(list, [shares, lower, upper]) {
  [...list.children].forEach((item, j) => {
    $(".fill", item).style.width = `${100 * shares[j]}%`;
    Object.assign($(".reach", item).style, { left: `${100 * lower[j]}%`, width: `${100 * (upper[j] - lower[j])}%` });
    $(".amount", item).textContent = percent(shares[j]);
    $(".range", item).textContent = reach(lower[j], upper[j]);
  });
  const most = shares.map((share, j) => [share, j]).sort((a, b) => b[0] - a[0]).slice(0, 3);
  return most.map(([share, j]) => `component ${j} ${percent(share)}`).join(", ");
}

// ---- Where the pointer is in a chart, in the chart's own units ------------------------------------------------------

function inside(view, event) {
  const box = $("svg", view.container()).getBoundingClientRect();
  const [left, above] = view.origin(), x = event.clientX - box.left - left;
  const y = event.clientY - box.top - above - view.padding().top;
  if (x < 0 || x > view.width()) return null;
  return { x: view.scale("x").invert(x), y: view.scale("y").invert(y), left: x, top: y };
}

// Light the component that `nearest` says the pointer is at, and pass clicks and drags on.
function listenToChart(name, nearest, clicked) {
  const place = $(`#plot-${name}`);
  place.addEventListener("pointermove", (event) => {
    const at = inside(views[name], event);
    light(at ? nearest(at) ?? pinned : pinned);
    if (at && event.buttons) clicked(at);
  });
  place.addEventListener("pointerleave", () => light(pinned));
  place.addEventListener("click", (event) => {
    const at = inside(views[name], event);
    if (at) clicked(at);
  });
}

// ---- The table ------------------------------------------------------------------------------------------------------

// Say where a box that scrolls has more than it shows.
function hintAtMore(box) {
  const hint = $(".more-hint", box.parentElement.previousElementSibling) ?? document.createElement("i");
  const show = () => {
    const right = box.scrollWidth - box.clientWidth - box.scrollLeft > 2;
    const below = box.scrollHeight - box.clientHeight - box.scrollTop > 2;
    box.parentElement.classList.toggle("more-right", right);
    box.parentElement.classList.toggle("more-below", below);
    const scrolls = [["Width", "columns to the right →"], ["Height", "rows below ↓"]].filter(
      ([side]) => box[`scroll${side}`] - box[`client${side}`] > 2).map(([, what]) => what);
    hint.textContent = scrolls.length ? `Scroll for more ${scrolls.join(" and ")}.` : "";
  };
  box.addEventListener("scroll", show, { passive: true });
  new ResizeObserver(show).observe(box);
}

function prepareTable(table) {
  const body = $("tbody", table), lines = $$("tr", body), heads = $$("thead th", table);
  const value = (row, column) => row.children[column].dataset.value;
  heads.forEach((head, column) => {
    $("button", head).addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = (a, b) =>
        column === 0
          ? value(a, 0).localeCompare(value(b, 0), undefined, { numeric: true })
          : (Number(value(a, column)) || -Infinity) - (Number(value(b, column)) || -Infinity);
      body.append(...lines.sort((a, b) => (down ? -order(a, b) : order(a, b))));
      lines.forEach((row, i) => (row.tabIndex = i ? -1 : 0));
    });
  });
  lines[0].tabIndex = 0;
  body.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const now = $$("tr", body).indexOf(event.target), next = $$("tr", body)[now + step];
    if (!step || !next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

// ---- Traces, drawn when they are first unfolded ---------------------------------------------------------------------

async function drawTraces() {
  const place = $("#plot-traces");
  for (const { name, component, trust, step, draws, uniform, ranks, band } of data.traces) {
    place.insertAdjacentHTML("beforeend", `<h3></h3><div class="pair"><figure><div class="plot"></div></figure><figure><div class="plot"></div></figure></div>`);
    const head = place.lastElementChild.previousElementSibling;
    head.append(name, Object.assign(document.createElement("small"), { textContent: trust }));
    const [left, right] = $$(".plot", place.lastElementChild);
    if (component !== null) place.lastElementChild.style.setProperty("--own", `var(--c${component % 7})`);
    const flat = (lines, field, where) =>
      lines.flatMap((line, chain) => line.map((value, i) => ({ chain, ...where(i), [field]: value })));
    await draw("trace", left, { draws: flat(draws, "value", (i) => ({ draw: i * step })) }, `Draws of ${name}, chain by chain: ${trust}`);
    await draw("rank", right, {
      band: [{ low: -band, high: band }], ranks: flat(ranks, "difference", (i) => ({ rank: uniform[i] })),
    }, `Ranks of ${name}: each chain's difference from even ranks, with the band that chains which agree keep to`);
    tables[`trace of ${name}`] = { draws: draws.map((chain, i) => [`chain ${i}`, chain]) };
    tables[`ranks of ${name}`] = { ranks: [["rank", uniform], ...ranks.map((line, i) => [`chain ${i}`, line])] };
    offerSaving(`trace of ${name}`, left, () => "");
    offerSaving(`ranks of ${name}`, right, () => "");
  }
}

async function drawPriors() {
  for (const { name, component, ...columns } of data.priors) {
    const figure = $("#plot-priors").appendChild(document.createElement("figure")), place = document.createElement("div");
    place.className = "plot";
    figure.append(Object.assign(document.createElement("h3"), { textContent: name }), place);
    if (component !== null) figure.style.setProperty("--own", `var(--c${component % 7})`);
    await draw("beside", place, { densities: rows(columns) }, `Posterior and prior density of ${name}`);
    tables[name] = { densities: Object.entries(columns) };
    offerSaving(name, place, () => "");
  }
}

// ---- Theme ----------------------------------------------------------------------------------------------------------

function prepareTheme() {
  const button = $("#theme"), root = document.documentElement;
  const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const show = () => (button.textContent = dark() ? "Light mode" : "Dark mode");
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  show();
}
