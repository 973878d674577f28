// Set everything going.
"use strict";

async function start() {
  new ResizeObserver(() => dispatchEvent(new Event("resize"))).observe($("#main")); // charts listen to the window's
  prepareTheme();
  $$("table").forEach(prepareTable);
  $$(".scroll").forEach(hintAtMore);
  listenForComponents();
  if (data.priors.length) $("#priors").addEventListener("toggle", drawPriors, { once: true });
  else $("#priors").remove();
  if (data.traces.length) $("#traces").addEventListener("toggle", drawTraces, { once: true });
  else $("#traces").remove();
  if (data.cloud) await preparePairs();
  await prepareColumns();
  if (data.cloud) prepareGrid();
  document.documentElement.dataset.ready = "yes";
}

start();
