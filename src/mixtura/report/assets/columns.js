// One feature at a time: its density, membership along it, and the check against it.
"use strict";

let shown = data.columns[0]; // the feature in the charts
const many = () => charts.membership !== undefined; // components

async function prepareColumns() {
  if (many()) {
    listShares($("#shares"), shown.curves.membership[0].length);
    $("#slider").addEventListener("input", () => showMembership(Number($("#slider").value)));
    $("#place").addEventListener("input", () => $("#place").value && showMembership(Number($("#place").value)));
    $("#place").addEventListener("change", () => ($("#place").value = $("#slider").value));
  }
  for (const select of $$(".feature")) select.addEventListener("change", () => showColumn(Number(select.value)));
  await showColumn(0);
  for (const name of many() ? ["density", "membership", "check"] : ["density", "check"]) {
    offerSaving(name, $(`#plot-${name}`), () => shown.name);
  }
  listenToChart("density", nearestCurve, many() ? ({ x }) => showMembership(x) : () => {});
  if (many()) {
    listenToChart("membership", nearestShare, ({ x }) => showMembership(x));
  }
}

async function showColumn(index) {
  shown = data.columns[index];
  for (const select of $$(".feature")) select.value = index;
  const { name, span, curves, said } = shown, blanks = { "{name}": name, "{span}": span };
  const [mean, lower, upper] = curves.membership;
  const parts = mean.flatMap((shares, component) => shares.map((share, i) => ({
    x: curves.x[i], part: curves.parts[component][i], share, lower: lower[component][i], upper: upper[component][i], component,
  })));
  const total = rows({ x: curves.x, density: curves.density, lower: curves.lower, upper: curves.upper });
  tables.density = { curves: curvesTable(), histogram: Object.entries(shown.bars) };
  tables.check = { bins: Object.entries(shown.bins) };
  if (many()) tables.membership = { probabilities: membershipTable() };
  await redraw("density", { parts, curves: total, bars: rows(shown.bars) }, said.density, blanks);
  await redraw("check", { bins: rows(shown.bins) }, said.check.join(" "), blanks);
  $("#said-density").textContent = said.density;
  const [verdict, ...rest] = said.check, [first, second] = $$("#said-check p");
  first.textContent = verdict;
  second.textContent = rest.join(" ").replaceAll(" %", "\u00a0%");
  if (many()) {
    await redraw("membership", { parts, names: rows(shown.names) }, said.membership, blanks);
    $("#said-membership").textContent = said.membership;
    $("#unit").textContent = shown.unit;
  }
  await alignCharts(many() ? ["density", "membership", "check"] : ["density", "check"]);
  if (many()) {
    measureSlider();
    views.membership.addResizeListener(alignSlider);
    showMembership(shown.start);
  }
  light(pinned);
}

const byComponent = (what, values) => values.map((column, j) => [`${what}_${j}`, column]);

function curvesTable() {
  const { x, density, lower, upper, parts } = shown.curves;
  return [[shown.name, x], ...Object.entries({ density, lower, upper }), ...byComponent("component", parts)];
}

function membershipTable() {
  const { x, membership: [mean, lower, upper] } = shown.curves;
  return [[shown.name, x], ...byComponent("probability", mean), ...byComponent("lower", lower), ...byComponent("upper", upper)];
}

// A column of the curves at x, between the two nearest places.
function along(values, x) {
  const at = shown.curves.x;
  let right = at.findIndex((place) => place >= x);
  if (right < 1) right = right === 0 ? 1 : at.length - 1;
  const share = Math.min(Math.max((x - at[right - 1]) / (at[right] - at[right - 1]), 0), 1);
  return (values[right - 1] ?? 0) * (1 - share) + (values[right] ?? 0) * share;
}

function showMembership(x) {
  const slider = $("#slider"), places = slider.step.split(".")[1]?.length ?? 0;
  slider.value = x;
  x = Number(slider.value); // within its ends and at one of its steps, so that line and thumb agree
  if (document.activeElement !== $("#place")) $("#place").value = x.toFixed(places);
  const text = showShares($("#shares"), shown.curves.membership.map((each) => each.map((values) => along(values, x))));
  slider.setAttribute("aria-valuetext", `${x.toFixed(places)} ${shown.unit}: ${text}`);
  for (const name of ["density", "membership"]) views[name].signal("at", x).runAsync();
}

// Steps of a round size, some 300 of them.
function measureSlider() {
  const at = shown.curves.x, coarse = (at.at(-1) - at[0]) / 300, power = 10 ** Math.floor(Math.log10(coarse));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= coarse);
  const places = Math.min(100, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  for (const input of [$("#slider"), $("#place")]) {
    input.min = (Math.ceil(at[0] / step) * step).toFixed(places);
    input.max = (Math.floor(at.at(-1) / step) * step).toFixed(places);
    input.step = step.toFixed(places);
  }
  $("#slider").setAttribute("aria-label", `Place along ${shown.name}`);
  alignSlider();
}

// The slider's thumb stands under the line it moves.
function alignSlider() {
  const slider = $("#slider"), scale = views.membership.scale("x"), [left] = views.membership.origin(), thumb = 8; // half a thumb, as in page.css
  const [from, to] = [slider.min, slider.max].map((end) => scale(Number(end)));
  slider.style.marginLeft = `${left + from - thumb}px`;
  slider.style.width = `${to - from + 2 * thumb}px`;
}

// The component whose curve is nearest to the pointer, unless that is well above all of them.
function nearestCurve({ x, top }) {
  const height = views.density.scale("y");
  const gaps = shown.curves.parts.map((part) => Math.abs(height(along(part, x)) - top));
  return top < height(along(shown.curves.density, x)) - 24 ? null : gaps.indexOf(Math.min(...gaps));
}

// The component whose membership is nearest to the pointer.
const nearestShare = ({ x, y }) => closest(shown.curves.membership[0].map((share) => Math.abs(along(share, x) - y)));
