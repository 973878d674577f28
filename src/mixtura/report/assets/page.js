// The report's own behaviour: draw the charts, light components up, show membership, sort the table, change theme.
"use strict";

const { charts, data, unit } = JSON.parse(document.getElementById("payload").textContent);
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const views = {};

// ---- Charts ---------------------------------------------------------------------------------------------------------

// Columns {a: [..], b: [..]} as rows [{a, b}, ..].
const rows = (columns) => {
  const names = Object.keys(columns).filter((name) => Array.isArray(columns[name]));
  return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
};

const config = {
  aria: false, // each chart says what it shows in one description; its marks would only be read out one by one
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

async function draw(name, place, datasets, description = charts[name].description) {
  const spec = { ...charts[name], description, datasets };
  const compiled = vegaLite.compile(spec, { config }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "svg", container: place });
  await view.runAsync();
  place.removeAttribute("aria-roledescription");
  place.setAttribute("role", "img");
  return view;
}

const signal = (name, value) => Object.values(views).forEach((view) => view.signal(name, value).runAsync());

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

// ---- Membership along x ---------------------------------------------------------------------------------------------

// A column of the curves at x, between the two nearest places.
function along(values, x) {
  const at = data.curves.x;
  let right = at.findIndex((place) => place >= x);
  if (right < 1) right = right === 0 ? 1 : at.length - 1;
  const share = Math.min(Math.max((x - at[right - 1]) / (at[right] - at[right - 1]), 0), 1);
  return (values[right - 1] ?? 0) * (1 - share) + (values[right] ?? 0) * share;
}

const percent = (share) =>
  share > 0.995 && share < 0.9995 ? "> 99 %" : share > 0 && share < 0.005 ? "< 1 %" : `${Math.round(100 * share)} %`;

function showMembership(x) {
  const slider = $("#slider"), places = slider.step.split(".")[1]?.length ?? 0;
  x = Math.min(Math.max(x, Number(slider.min)), Number(slider.max));
  slider.value = x;
  if (document.activeElement !== $("#place")) $("#place").value = x.toFixed(places);
  const shares = data.curves.membership.map((values) => along(values, x));
  $$("#shares li").forEach((item, j) => {
    $(".fill", item).style.width = `${100 * shares[j]}%`;
    $(".amount", item).textContent = percent(shares[j]);
  });
  const said = shares.map((share, j) => [share, j]).sort((a, b) => b[0] - a[0]).slice(0, 3);
  const text = said.map(([share, j]) => `component ${j} ${percent(share)}`).join(", ");
  slider.setAttribute("aria-valuetext", `${x.toFixed(places)} ${unit}: ${text}`);
  signal("at", x);
}

function prepareMembership() {
  const slider = $("#slider"), entry = $("#place"), at = data.curves.x;
  const coarse = (at.at(-1) - at[0]) / 300, power = 10 ** Math.floor(Math.log10(coarse));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= coarse);
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  for (const input of [slider, entry]) {
    input.min = (Math.ceil(at[0] / step) * step).toFixed(places);
    input.max = (Math.floor(at.at(-1) / step) * step).toFixed(places);
    input.step = step.toFixed(places);
  }
  data.curves.membership.forEach((_, j) => {
    const item = $("#shares").appendChild(document.createElement("li"));
    const chip = $(`.legend .chip[data-component="${j}"]`).cloneNode(true);
    item.dataset.component = j;
    item.append(chip);
    item.insertAdjacentHTML("beforeend", '<span class="track"><span class="fill"></span></span><span class="amount"></span>');
  });
  slider.addEventListener("input", () => showMembership(Number(slider.value)));
  entry.addEventListener("input", () => entry.value && showMembership(Number(entry.value)));
  entry.addEventListener("change", () => entry.value || (entry.value = slider.value));
}

// Where in a chart the pointer is, in the chart's own units.
function inside(view, event) {
  const box = $("svg", view.container()).getBoundingClientRect();
  const [left, above] = view.origin(), origin = above + view.padding().top;
  const x = event.clientX - box.left - left, y = event.clientY - box.top - origin;
  return x < 0 || x > view.width() ? null : { x: view.scale("x").invert(x), y: view.scale("y").invert(y), pixel: y };
}

const nearest = {
  density({ x, pixel }) {
    const height = views.density.scale("y");
    const gaps = data.curves.parts.map((part) => Math.abs(height(along(part, x)) - pixel));
    const above = pixel < height(along(data.curves.density, x)) - 24;
    return above ? null : gaps.indexOf(Math.min(...gaps));
  },
  membership({ x, y }) {
    let sum = 0;
    const found = data.curves.membership.findIndex((share) => (sum += along(share, x)) >= y);
    return found < 0 ? null : found;
  },
};

function listenToChart(name) {
  const view = views[name], place = view.container();
  place.addEventListener("pointermove", (event) => {
    const at = inside(view, event);
    light(at ? nearest[name](at) ?? pinned : pinned);
    if (at && event.buttons) showMembership(at.x);
  });
  place.addEventListener("pointerleave", () => light(pinned));
  place.addEventListener("click", (event) => {
    const at = inside(view, event);
    if (at) showMembership(at.x);
  });
}

// The slider's thumb stands under the line it moves.
function alignSlider() {
  const slider = $("#slider"), scale = views.membership.scale("x"), [left] = views.membership.origin(), thumb = 8;
  const [from, to] = [slider.min, slider.max].map((end) => scale(Number(end)));
  slider.style.marginLeft = `${left + from - thumb}px`;
  slider.style.width = `${to - from + 2 * thumb}px`;
}

// ---- The table ------------------------------------------------------------------------------------------------------

function prepareTable() {
  const body = $("#table tbody"), lines = $$("tr", body);
  const value = (row, column) => row.children[column].dataset.value;
  $$("#table thead th").forEach((head, column) => {
    $("button", head).addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      $$("#table thead th").forEach((other) => other.removeAttribute("aria-sort"));
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
  for (const { name, trust, step, draws, uniform, ranks, band } of data.traces) {
    const component = name.match(/\[(\d+)/)?.[1];
    place.insertAdjacentHTML("beforeend", `<h3></h3><div class="pair"><div class="plot"></div><div class="plot"></div></div>`);
    const head = place.lastElementChild.previousElementSibling;
    head.append(name, Object.assign(document.createElement("small"), { textContent: trust }));
    const [left, right] = place.lastElementChild.children;
    if (component !== undefined) place.lastElementChild.style.setProperty("--own", `var(--c${component % 7})`);
    const flat = (lines, field, where) =>
      lines.flatMap((line, chain) => line.map((value, i) => ({ chain, ...where(i), [field]: value })));
    await draw("trace", left, { draws: flat(draws, "value", (i) => ({ draw: i * step })) }, `Draws of ${name}, chain by chain: ${trust}`);
    await draw("rank", right, {
      band: [{ low: -band, high: band }], ranks: flat(ranks, "difference", (i) => ({ rank: uniform[i] })),
    }, `Ranks of ${name}: each chain's difference from even ranks, with the band that chains which agree keep to`);
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

async function start() {
  prepareTheme();
  prepareTable();
  listenForComponents();
  if (data.traces.length) $("#traces").addEventListener("toggle", drawTraces, { once: true });
  else $("#traces").remove();
  const { curves } = data;
  const parts = curves.membership.flatMap((shares, component) =>
    shares.map((share, i) => ({ x: curves.x[i], part: curves.parts[component][i], share, component })));
  const total = rows({ x: curves.x, density: curves.density, lower: curves.lower, upper: curves.upper });
  views.density = await draw("density", $("#plot-density"), { parts, curves: total, bars: rows(data.bars) });
  views.check = await draw("check", $("#plot-check"), { bins: rows(data.bins) });
  if (charts.membership) {
    views.membership = await draw("membership", $("#plot-membership"), { parts, names: rows(data.names) });
    prepareMembership();
    alignSlider();
    addEventListener("resize", () => requestAnimationFrame(alignSlider));
    listenToChart("density");
    listenToChart("membership");
    showMembership(data.start);
  }
  document.documentElement.dataset.ready = "yes";
}

start();
