// Keeps the trader's page up to date, section by section, and says when it cannot.
"use strict";
(() => {
  const enter = document.getElementById("enter");
  if (enter && location.hash.length > 1) {
    // What stands behind the `#` was never sent anywhere; it goes out once, in the form.
    enter.elements.key.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
    enter.submit();
    return;
  }
  const panel = document.getElementById("panel");
  const live = document.getElementById("live");
  if (!panel || !live) return;

  const EVERY_MS = 2000, PATIENCE_MS = 8000;
  let known = "", heard = Date.now();

  const say = (words, tone) => {
    if (live.textContent !== words) live.textContent = words;
    live.className = tone;
  };

  const exchange = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").body;
    const open = new Set([...panel.querySelectorAll("details[open]")].map((each) => each.id));
    for (const each of fresh.querySelectorAll("details")) each.open = open.has(each.id);
    const old = new Map([...panel.children].map((each) => [each.dataset.key, each]));
    const next = [...fresh.children].map((each) => {
      const same = old.get(each.dataset.key);
      return same && same.outerHTML === each.outerHTML ? same : document.adoptNode(each);
    });
    const scrolled = new Map([...panel.querySelectorAll(".wide")].map((e) => [e.getAttribute("aria-label"), e.scrollLeft]));
    next.forEach((each, at) => { if (panel.children[at] !== each) panel.insertBefore(each, panel.children[at] || null); });
    while (panel.children.length > next.length) panel.lastChild.remove();
    for (const e of panel.querySelectorAll(".wide")) e.scrollLeft = scrolled.get(e.getAttribute("aria-label")) || 0;
  };

  const look = async () => {
    try {
      const reply = await fetch("/panel", {
        headers: known ? { "If-None-Match": known } : {},
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (reply.status === 401) return location.assign("/enter");
      if (!reply.ok && reply.status !== 304) throw new Error(reply.status);
      if (reply.status === 200) { exchange(await reply.text()); known = reply.headers.get("ETag") || ""; }
      heard = Date.now();
      say("live", "good");
      panel.classList.remove("old");
    } catch {
      const since = new Date(heard).toISOString().slice(11, 19);
      say(`no answer since ${since} UTC: what is shown is old`, "bad");
      panel.classList.add("old");
    }
    setTimeout(look, EVERY_MS);
  };
  look();
})();
