// The chart, and a word when the numbers on the page are no longer fresh. All numbers come from the server.
"use strict";
(() => {
  const box = document.getElementById("chart");
  const stale = document.getElementById("stale");
  const names = ["kept", "reduced", "counted", "dropped"];
  const dashes = { kept: [], reduced: [8, 4], counted: [2, 4], dropped: [] };
  const height = () => (innerWidth < 640 ? 180 : 220);
  let plot = null;
  let data = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const clock = (seconds) => new Date(seconds * 1000).toTimeString().slice(0, 5);

  function draw() {
    if (plot) plot.destroy();
    box.replaceChildren();
    const axis = { stroke: colour("quiet"), font: "12px system-ui, sans-serif", ticks: { show: false } };
    const options = {
      width: box.clientWidth,
      height: height(),
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { range: (_plot, from, to) => [Math.min(from, to - 180), to] }, y: { range: (_plot, _low, high) => [0, Math.max(5, high * 1.1)] } },
      axes: [
        { ...axis, grid: { show: false }, space: 70, size: 28, incrs: [60, 120, 300, 600], values: (_plot, at) => at.map(clock) },
        { ...axis, grid: { stroke: colour("rule"), width: 1 }, size: 52 },
      ],
      series: [{}].concat(names.map((name) => ({
        stroke: colour(name), width: name === "dropped" ? 1 : 2, dash: dashes[name], points: { show: false },
      }))),
    };
    plot = new uPlot(options, data, box);
    box.dataset.points = data[0].length;
  }

  async function pull() {
    try {
      const reply = await fetch("/live.json", { cache: "no-store", referrerPolicy: "no-referrer" });
      if (!reply.ok) return;
      const found = await reply.json();
      data = [found.at].concat(names.map((name) => found[name]));
    } catch {
      return; // the next pull tries again; the numbers above say that they are old
    }
    if (data[0].length < 2) return;
    if (plot) { plot.setData(data); box.dataset.points = data[0].length; } else draw();
  }

  function say(words) {
    if (stale.textContent !== words) stale.textContent = words;
    stale.hidden = !words;
  }

  document.body.addEventListener("htmx:afterRequest", (event) => {
    const status = event.detail.xhr.status;
    if (status === 200) say("");
    else if (status === 401) say("remit was started anew: open the link that it printed in the terminal.");
    else say("remit does not answer. These numbers are old.");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (plot) draw(); });
  new ResizeObserver(() => { if (plot) plot.setSize({ width: box.clientWidth, height: height() }); }).observe(box);
  pull();
  setInterval(pull, 5000);
})();
