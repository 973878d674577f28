// All pairs of the features that tell components apart most, small, under the one that is chosen.
"use strict";

const MOST = 6, SMALLEST = 92; // features, and pixels of a panel
const EDGE = { left: 58, right: 6, top: 4, bottom: 24 }, GAP = 8;

function prepareGrid() {
  const place = $("#plot-grid");
  if (!place) return;
  const shares = data.cloud.shares[0], columns = data.columns.map(({ name }, f) => [name, data.cloud.points[f]]);
  tables.grid = { points: [["row", data.cloud.rows], ...columns, ...byComponent("probability", shares)] };
  new ResizeObserver(() => drawGrid(place)).observe(place.parentElement);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `Every pair of ${data.columns.slice(0, MOST).map(({ name }) => name).join(", ")}`);
  offerSaving("grid", place, () => "");
}

function drawGrid(place) {
  const f = Math.min(data.columns.length, MOST), room = place.parentElement.clientWidth - 16;
  const size = Math.max(SMALLEST, (room - EDGE.left - EDGE.right - GAP * (f - 1)) / f), step = size + GAP;
  const width = EDGE.left + EDGE.right + f * step - GAP, height = EDGE.top + EDGE.bottom + f * step - GAP;
  const svg = element("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const scales = data.cloud.spans.slice(0, f).map((span) => vega.scale("linear")().domain(span).range([0, size]));
  for (let row = 0; row < f; row++) {
    for (let column = 0; column <= row; column++) {
      const panel = element("g", { transform: `translate(${EDGE.left + column * step}, ${EDGE.top + row * step})` }, svg);
      element("rect", { width: size, height: size, fill: "transparent", stroke: "var(--rule)" }, panel);
      if (row === column) drawAlone(panel, row, scales[row], size, width - EDGE.left - column * step);
      else drawPanel(panel, column, row, scales, size);
      if (row === f - 1) drawTicks(panel, scales[column], size, true);
      if (column === 0 && row > 0) drawTicks(panel, scales[row], size, false);
    }
  }
  place.replaceChildren(svg);
}

function drawPanel(panel, a, b, scales, size) {
  const { points, shares: [shares], means: [means], covariances: [covariances] } = data.cloud;
  const at = (x, y) => `${scales[a](x).toFixed(1)} ${(size - scales[b](y)).toFixed(1)}`;
  const holds = (f, value) => value >= scales[f].domain()[0] && value <= scales[f].domain()[1];
  const seen = (i) => holds(a, points[a][i]) && holds(b, points[b][i]);
  shares.forEach((_, component) => {
    const own = points[a].flatMap((x, i) => (label(i) === component && seen(i) ? [`M${at(x, points[b][i])}h0`] : [])).join("");
    const look = { "data-component": component, stroke: `var(--c${component % 7})`, fill: "none" };
    element("path", { ...look, d: own, "stroke-width": 3, "stroke-linecap": "round", "stroke-opacity": 0.5 }, panel);
    if (!holds(a, means[component][a]) || !holds(b, means[component][b])) return;
    const loop = ellipse([means[component][a], means[component][b]], covariances[component], a, b);
    const dash = getComputedStyle($(`.own-${component} path`)).strokeDasharray.replaceAll("px", "");
    const d = `M${loop.map(([x, y]) => at(x, y)).join("L")}Z`;
    element("path", { ...look, d, "stroke-width": 1.5, "stroke-dasharray": dash, "clip-path": `inset(0)` }, panel);
  });
  panel.style.cursor = "pointer";
  panel.addEventListener("click", () => {
    [$("#across").value, $("#up").value] = [a, b];
    showPair();
    $("#pairs").scrollIntoView();
  });
}

// One feature: its name, and its density over the histogram.
function drawAlone(panel, f, scale, size, room) {
  const { name, curves, bars } = data.columns[f], highest = Math.max(...curves.density, ...bars.height);
  const up = (value) => (size - (0.72 * size * value) / highest).toFixed(1), [low, high] = scale.domain();
  const shape = bars.height.map((value, i) => `M${scale(bars.low[i])} ${size}V${up(value)}H${scale(bars.high[i])}V${size}Z`);
  element("path", { d: shape.join(""), fill: "var(--bars)" }, panel);
  const seen = curves.x.flatMap((x, i) => (x >= low && x <= high ? [`${scale(x).toFixed(1)} ${up(curves.density[i])}`] : []));
  element("path", { d: `M${seen.join("L")}`, fill: "none", stroke: "var(--ink)", "stroke-width": 1.5 }, panel);
  const most = Math.max(4, Math.floor((room - 8) / 7.5));
  const text = element("text", { x: 5, y: 15, fill: "var(--ink)", "font-size": 12, "font-weight": 600, "font-family": config.font }, panel);
  text.textContent = name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

function drawTicks(panel, scale, size, across) {
  const written = (count) => scale.ticks(count).map((tick) => [tick, scale.tickFormat(count)(tick)]);
  for (const [tick, said] of written(3).some(([, text]) => text.length > 6) ? written(1) : written(3)) {
    const text = element("text", {
      ...(across ? { x: scale(tick), y: size + 15, "text-anchor": "middle" } : { x: -5, y: size - scale(tick) + 4, "text-anchor": "end" }),
      fill: "var(--muted)", "font-size": 11, "font-family": config.font,
    }, panel);
    text.textContent = said.length > 10 ? tick.toPrecision(3) : said;
  }
}

function element(kind, attributes, parent) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}
