// Rows of several features: two of them at a time, and the membership of one point.
"use strict";

const RADIUS = Math.sqrt(-2 * Math.log(1 - 0.9)); // of an ellipse that holds 90 % of a normal distribution
let point = 0; // whose membership is shown, among those drawn

async function preparePairs() {
  const { points, rows: numbers } = data.cloud, [across, up] = [$("#across"), $("#up")];
  [across.value, up.value] = [0, 1];
  for (const select of [across, up]) {
    select.addEventListener("change", () => {
      if (across.value === up.value) [across, up].find((other) => other !== select).value = select.value === "0" ? 1 : 0;
      showPair();
    });
  }
  const entry = $("#row");
  entry.max = numbers.at(-1);
  entry.addEventListener("input", () => {
    if (entry.value) showPoint(closest(numbers.map((row) => Math.abs(row - Number(entry.value)))));
  });
  entry.addEventListener("change", () => (entry.value = numbers[point]));
  listShares($("#shares-pair"), data.cloud.shares[0].length);
  await showPair();
  offerSaving("pair", $("#plot-pair"), () => [up, across].map(({ value }) => data.columns[value].name).join(" "));
  const near = (at) => {
    const [x, y] = ["x", "y"].map((axis) => views.pair.scale(axis));
    const gaps = points[across.value].map((value, i) => Math.hypot(x(value) - at.left, y(points[up.value][i]) - at.top));
    return [closest(gaps), Math.min(...gaps)];
  };
  listenToChart("pair", (at) => {
    const [i, gap] = near(at);
    return gap < 30 ? label(i) : null;
  }, (at) => showPoint(near(at)[0]));
}

const label = (i) => {
  const shares = data.cloud.shares[0].map((values) => values[i]);
  return shares.indexOf(Math.max(...shares));
};

async function showPair() {
  const [a, b] = [Number($("#across").value), Number($("#up").value)], { points, shares: [shares], means, covariances } = data.cloud;
  const names = [a, b].map((i) => data.columns[i].name), k = shares.length;
  const cloud = points[a].map((x, i) => ({ x, y: points[b][i], component: label(i), sure: sureness(i) }));
  const loops = means.flatMap((some, draw) => some.flatMap((mean, component) =>
    ellipse([mean[a], mean[b]], covariances[draw][component], a, b).map(([x, y], order) => ({ x, y, order, component, draw }))));
  const datasets = {
    points: cloud, means: loops.filter(({ draw }) => draw === 0), draws: loops.filter(({ draw }) => draw > 0),
    names: means[0].map((mean, component) => ({ x: mean[a], y: mean[b], component })), here: [],
  };
  const said = `${names[1]} against ${names[0]}: ` + means[0]
    .map((mean, j) => `component ${j} centred at ${mean[a]} and ${mean[b]}`).join("; ");
  await redraw("pair", datasets, said, {
    "{x}": names[0], "{y}": names[1], "{x span}": data.cloud.spans[a], "{y span}": data.cloud.spans[b],
  });
  tables.pair = {
    points: [["row", data.cloud.rows], [names[0], points[a]], [names[1], points[b]], ...byComponent("probability", shares)],
  };
  views.pair.signal("lit", pinned);
  showPoint(point);
  function sureness(i) {
    return k > 1 ? (Math.max(...shares.map((values) => values[i])) - 1 / k) / (1 - 1 / k) : 1;
  }
}

// Points along the ellipse of two features: the circle through the covariance's Cholesky factor.
function ellipse([x, y], covariance, a, b) {
  const l11 = Math.sqrt(covariance[a][a]), l21 = covariance[a][b] / l11;
  const l22 = Math.sqrt(Math.max(covariance[b][b] - l21 * l21, 0));
  return Array.from({ length: 61 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 60, [c, s] = [RADIUS * Math.cos(angle), RADIUS * Math.sin(angle)];
    return [x + l11 * c, y + l21 * c + l22 * s];
  });
}

function showPoint(i) {
  point = i;
  const { points, rows: numbers, shares } = data.cloud;
  if (document.activeElement !== $("#row")) $("#row").value = numbers[i];
  $("#point").textContent = data.columns.map(({ name }, f) => `${name} ${points[f][i]}`).join(", ");
  showShares($("#shares-pair"), shares.map((each) => each.map((values) => values[i])));
  views.pair.data("here", [{ x: points[$("#across").value][i], y: points[$("#up").value][i] }]).runAsync();
}
