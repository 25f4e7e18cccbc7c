// Draws the table inside the figure: its rows are the labels, its columns the series. Without script, and for who hears
// the page, the table itself stands there. A row's link is where its bar or slice leads. Colours are those of tokens.css:
// data-tone on a column (bars) or on a row (slices).

function color(tone) {
  const probe = document.createElement("i");
  probe.className = `tone-${tone}`;
  probe.hidden = true;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const found = style.getPropertyValue(tone === "black" ? "--tone-soft" : "--tone").trim();
  probe.remove();
  return found;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const text = (cell) => cell.textContent.trim();
const number = (cell) => Number(text(cell).replace(/\D/g, ""));

function read(table) {
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows];
  return {
    labels: rows.map((row) => text(row.cells[0])),
    links: rows.map((row) => row.cells[0].querySelector("a")?.href),
    tones: rows.map((row) => row.dataset.tone),
    series: heads.map((head, place) => ({
      label: text(head), tone: head.dataset.tone, values: rows.map((row) => number(row.cells[place + 1])),
    })),
  };
}

function datasets(kind, { series, tones }) {
  if (kind !== "doughnut") {
    return series.map((one) => ({ label: one.label, data: one.values, backgroundColor: color(one.tone), borderRadius: 3 }));
  }
  const { values } = series[0];
  const alone = values.filter((value) => value > 0).length === 1; // a line between it and itself would be a scratch
  return [{ data: values, backgroundColor: tones.map(color), borderColor: token("--surface"), borderWidth: alone ? 0 : 2 }];
}

function options(kind, data) {
  const grid = { color: token("--line") };
  const ticks = { color: token("--mute"), maxRotation: 0, autoSkipPadding: 12, precision: 0 };
  const axes = { x: { stacked: true, grid: { display: false }, ticks }, y: { stacked: true, grid, ticks, beginAtZero: true } };
  const lead = (event, hits) => data.links[hits[0]?.index] && location.assign(data.links[hits[0].index]);
  const legend = { position: "bottom", labels: { color: token("--text"), boxWidth: 12 } };
  if (kind === "doughnut") {
    // Only what there is: nine words for two slices would hide them.
    legend.labels.filter = (item, chart) => chart.datasets[0].data[item.index] > 0;
  }
  return {
    animation: false, responsive: true, maintainAspectRatio: false, onClick: lead,
    interaction: { mode: kind === "bar" ? "index" : "nearest", intersect: kind !== "bar" },
    onHover: (event, hits) => (event.native.target.style.cursor = hits.length ? "pointer" : "default"),
    plugins: { legend },
    ...(kind === "bar" ? { scales: axes } : { cutout: "62%" }),
  };
}

export default function chart(figure) {
  const { Chart } = window;
  if (!Chart) return; // the table stays
  const table = figure.querySelector("table");
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  table.classList.add("visually-hidden");
  const frame = document.createElement("div");
  frame.className = "chart-frame";
  frame.append(canvas);
  figure.prepend(frame);
  let drawn = null;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;

  function draw() {
    drawn?.destroy();
    const { kind } = figure.dataset;
    const data = read(table);
    drawn = new Chart(canvas, { type: kind, data: { labels: data.labels, datasets: datasets(kind, data) }, options: options(kind, data) });
  }

  // The theme is an attribute of the page; a part that was replaced takes its chart along.
  const watch = new MutationObserver(() => (figure.isConnected ? draw() : stop()));
  const gone = new MutationObserver(() => figure.isConnected || stop());
  function stop() {
    watch.disconnect();
    gone.disconnect();
    drawn?.destroy();
  }
  watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  gone.observe(document.getElementById("conteudo"), { childList: true, subtree: true });
  draw();
}
