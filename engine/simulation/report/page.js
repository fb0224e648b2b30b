"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const names = new Map();
  const when = (t) => new Date(t).toISOString().slice(0, 19).replace("T", " ");
  const text = (n) => data.texts[n];

  function config() {
    const css = getComputedStyle(document.documentElement);
    const colour = (name) => css.getPropertyValue(name).trim();
    const range = dark.matches
      ? ["#7fb0ff", "#f0b35c", "#58c997", "#ff8793", "#c39bff", "#5fd3d8", "#d9c36a", "#b0b8c4"]
      : ["#2b5fb8", "#c9772b", "#1c7c54", "#b3303f", "#7a4fb5", "#14808a", "#8d7a1f", "#6b7480"];
    return {
      background: "transparent", font: "system-ui, sans-serif",
      view: { stroke: null }, range: { category: range }, line: { color: range[0] }, rule: { color: colour("--bad") },
      axis: { labelColor: colour("--soft"), titleColor: colour("--soft"), gridColor: colour("--line"), domainColor: colour("--line"), tickColor: colour("--line"), labelFontSize: 11, titleFontSize: 11, titleFontWeight: "normal" },
      legend: { labelColor: colour("--ink"), labelFontSize: 12, symbolType: "circle", columns: window.innerWidth < 600 ? 2 : 4, labelLimit: window.innerWidth < 600 ? 120 : 180 },
    };
  }

  async function draw(id, sets) {
    const place = document.getElementById(id);
    if (!place) return;
    const spec = structuredClone(data.charts[id]);
    const options = { actions: false, renderer: "svg", config: config() };
    const found = await vegaEmbed(place, { ...spec, datasets: sets }, options);
    names.get(id)?.finalize();
    names.set(id, found);
    place.dataset.drawn = "yes";
    return found.view;
  }

  function orders(symbol) {
    return data.orders.map((o, order) => ({ ...o, order })).filter((o) => o.symbol === symbol).map((o) => ({
      t: o.t, price: o.price, order: o.order,
      what: o.verdict === "deny" ? "denied" : o.side === "BUY" ? "bought" : "sold",
      words: `${o.intent} ${o.verdict === "deny" ? o.asked : o.quantity}${o.reasons.length ? ": " + text(o.reasons[0]) : ""}`,
    })).sort((a, b) => (b.what === "denied") - (a.what === "denied"));
  }

  async function prices() {
    const choice = document.getElementById("symbol");
    if (!choice) return;
    const view = await draw("price", { prices: data.prices[choice.value] || [], orders: orders(choice.value) });
    view.addEventListener("click", (_event, item) => { if (item && item.datum && item.datum.order !== undefined) tell(item.datum.order); });
    for (const row of document.querySelectorAll("#order-rows tbody tr")) row.hidden = !row.cells[1].textContent.endsWith(` ${choice.value}`);
  }

  function cell(row, words, kind) { const td = document.createElement("td"); if (kind) td.className = kind; if (words instanceof Node) td.append(words); else td.textContent = words; row.append(td); }

  function tell(number) {
    const o = data.orders[number], story = document.getElementById("story");
    story.replaceChildren();
    const head = document.createElement("h3"), denied = o.verdict === "deny";
    head.textContent = `${denied ? "Denied" : o.verdict === "resize" ? "Made smaller" : "Allowed"}: ${o.side} ${denied ? o.asked : o.quantity} ${o.symbol}`;
    head.className = denied ? "warn" : "good";
    const facts = document.createElement("dl");
    const say = (name, words) => { if (!words) return; const dt = document.createElement("dt"), dd = document.createElement("dd"); dt.textContent = name; dd.textContent = words; facts.append(dt, dd); };
    say("when", `${when(o.t)} UTC`);
    say("wanted", `${o.intent} by ${text(o.strategy)}: ${text(o.why)}`);
    say("why", o.reasons.map(text).join("; "));
    say("asked", o.verdict === "resize" ? `${o.asked}, made smaller by ${o.resized.map(text).join(", ")}` : "");
    say("outcome", o.outcome);
    say("order id", o.id);
    for (const [t, quantity, price, fee] of o.fills) say("filled", `${when(t)}: ${quantity} at ${price}, fee ${fee}`);
    const box = document.createElement("div"), table = document.createElement("table"), body = document.createElement("tbody");
    box.className = "wide"; box.tabIndex = 0;
    const caption = table.createCaption(); caption.textContent = "every rule that was asked, the nearest first";
    const top = table.createTHead().insertRow();
    for (const name of ["rule", "used", "compared"]) { const th = document.createElement("th"); th.scope = "col"; th.textContent = name; top.append(th); }
    for (const [rule, outcome, used, words] of [...o.rules].sort((a, b) => ((b[1] !== "p") - (a[1] !== "p")) || ((b[2] ?? -1) - (a[2] ?? -1)))) {
      const row = body.insertRow();
      cell(row, text(rule), outcome === "p" ? "" : "bad");
      const meter = document.createElement("span"), fill = document.createElement("i");
      meter.className = "meter" + (outcome !== "p" ? " over" : used >= 90 ? " near" : ""); fill.style.width = `${Math.min(used ?? (outcome === "p" ? 0 : 100), 100)}%`; meter.append(fill);
      meter.title = used === null ? (outcome === "p" ? "holds" : "does not hold") : `${used} % of its limit`;
      const both = document.createElement("span"); both.append(meter, used === null ? (outcome === "p" ? " holds" : outcome === "u" ? " unknown" : " breaks") : ` ${used > 999 ? ">999" : used} %`);
      cell(row, both); cell(row, text(words));
    }
    table.append(body); box.append(table); story.append(head, facts, box);
    story.focus({ preventScroll: window.innerWidth > 830 });
  }

  async function all() {
    await Promise.all([
      draw("equity", { equity: data.equity }), draw("fall", { equity: data.equity }), draw("exposure", { exposure: data.exposure }),
      draw("headroom", { headroom: data.headroom }), draw("denials", { denials: data.denials }), draw("saved", { saved: data.saved }), prices(),
    ]);
    document.documentElement.dataset.drawn = "yes";
  }
  document.getElementById("symbol")?.addEventListener("change", prices);
  document.addEventListener("click", (event) => { const row = event.target.closest("[data-order]"); if (row) tell(Number(row.dataset.order)); });
  dark.addEventListener("change", all);
  all().catch((error) => { document.documentElement.dataset.failed = String(error); });
})();
