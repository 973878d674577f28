// Several fits: how far each is behind the best, and their densities, one feature at a time.
"use strict";

const LITTLE = 4; // differences below it say little
let shown = data.columns[0];

async function drawDifferences() {
  const fits = rows(data.behind).map((row) => ({ ...row, low: row.behind - row.se, high: row.behind + row.se }));
  const said = fits.map(({ name, behind, se }) => `${name}: ${behind.toFixed(1)} ± ${se.toFixed(1)}`).join("; ");
  tables.differences = { differences: Object.entries(data.behind) };
  await redraw("differences", { behind: fits, little: [{ low: -LITTLE, high: LITTLE }] }, `elpd behind the best. ${said}`);
}

async function showColumn(index) {
  shown = data.columns[index];
  const { name, span, x, density, bars } = shown, names = data.behind.name;
  const lines = density.flatMap((values, fit) => values.map((value, i) => ({ x: x[i], density: value, fit })));
  tables.density = {
    curves: [[name, x], ...density.map((values, i) => [`density of ${names[i]}`, values])],
    histogram: Object.entries(bars),
  };
  const said = `Posterior mean densities of ${name} by ${names.join(", ")}, over the histogram of the data`;
  await redraw("density", { curves: lines, bars: rows(bars) }, said, { "{name}": name, "{span}": span });
  light(pinned);
}

async function start() {
  new ResizeObserver(() => dispatchEvent(new Event("resize"))).observe($("#main")); // charts listen to the window's
  prepareTheme();
  $$("table").forEach(prepareTable);
  $$(".scroll").forEach(hintAtMore);
  listenForComponents();
  for (const select of $$(".feature")) select.addEventListener("change", () => showColumn(Number(select.value)));
  await drawDifferences();
  await showColumn(0);
  offerSaving("differences", $("#plot-differences"), () => "");
  offerSaving("density", $("#plot-density"), () => shown.name);
  document.documentElement.dataset.ready = "yes";
}

start();
