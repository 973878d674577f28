// A chart's picture and its numbers, saved as files by the browser alone.
"use strict";

const tables = {}; // of each chart: {what: [[column, values], ..]}
const LINE = 20; // of the legend, in a picture

// Buttons under a chart; `subject` is what a file is called after, besides the chart.
function offerSaving(name, place, subject) {
  const line = Object.assign(document.createElement("p"), { className: "save" });
  const offer = (text, label, save) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", save);
    line.append(button);
  };
  const file = (what, kind) => [name, what, subject()].filter(Boolean).join("-").replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80) + kind;
  offer("Save SVG", `Save SVG: picture of ${name}`, () => download(file("", ".svg"), "image/svg+xml", picture(place)));
  for (const what of Object.keys(tables[name])) {
    offer(`Save CSV: ${what}`, `Save CSV: ${what} of ${name}`, () => download(file(what, ".csv"), "text/csv", csv(tables[name][what])));
  }
  (place.closest(".more") ?? place).after(line);
}

function download(name, type, text) {
  const link = Object.assign(document.createElement("a"), { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Columns as text, after RFC 4180.
function csv(columns) {
  const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = columns[0][1].map((_, i) => columns.map(([, values]) => values[i] ?? ""));
  return [columns.map(([name]) => name), ...lines].map((line) => line.map((value) => quoted(String(value))).join(",")).join("\r\n") + "\r\n";
}

// The chart as it is seen, its legend above it, with the page's colours written out.
function picture(place) {
  const drawn = $("svg", place).cloneNode(true), { width, height } = $("svg", place).getBoundingClientRect();
  const keys = $$(".legend > *", place.closest("figure"));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), size = 12;
  let x = 8, y = keys.length ? LINE : 0;
  for (const key of keys) {
    const wide = 24 + 7 * key.textContent.trim().length;
    if (x + wide > width && x > 8) [x, y] = [8, y + LINE];
    const text = svg.appendChild(document.createElementNS(svg.namespaceURI, "text"));
    const own = key.dataset.component === undefined ? swatchOf(key) : `var(--c${key.dataset.component % 7})`;
    text.append(key.textContent.trim());
    for (const [name, value] of Object.entries({ x: x + 14, y: y - 6, fill: "var(--ink)", "font-size": size, "font-family": config.font })) text.setAttribute(name, value);
    const mark = svg.appendChild(document.createElementNS(svg.namespaceURI, "rect"));
    for (const [name, value] of Object.entries({ x, y: y - 14, width: 10, height: 8, fill: own })) mark.setAttribute(name, value);
    x += wide;
  }
  const page = document.createElementNS(svg.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: "var(--page)" })) page.setAttribute(name, value);
  svg.prepend(page);
  for (const [name, value] of Object.entries({ width, height: height + y, viewBox: `0 0 ${width} ${height + y}` })) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ y, width, height })) drawn.setAttribute(name, value);
  drawn.removeAttribute("style");
  svg.append(drawn);
  return withColors(new XMLSerializer().serializeToString(svg), place);
}

const swatchOf = (key) =>
  `var(--${{ bars: "bars", line: "ink", band: "band", whisker: "range", outside: "alert" }[$(".swatch", key).classList.item($(".swatch", key).classList.length - 1)]})`;

function withColors(text, place) {
  const probe = place.appendChild(document.createElement("i"));
  const known = text.replace(/var\((--[\w-]+)\)/g, (name) => {
    probe.style.color = name;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return known;
}
