// The board lives: an event of the story is a doorbell, at which the page asks the server for what came since.
// Nothing of an event's own text is used here, and the markup that is put in was made and escaped by the server.
"use strict";

(() => {
  const { events, fresh, types } = document.body.dataset;
  const newest = "newest" in document.body.dataset;
  const [cards, moments, notice, live, total, holds] = ["cards", "moments", "notice", "live", "total", "holds"].map((id) => document.getElementById(id));
  if (!events || !cards || !window.EventSource) return;

  let { last, at } = document.body.dataset;
  let waiting = null;
  let asking = false;
  let again = false;

  const say = (on, words) => {
    live.hidden = false;
    live.classList.toggle("on", on);
    if (live.textContent !== words) live.textContent = words;
  };

  // Many events come at once, and many boards are open: one question after a moment that differs from board to board.
  const ring = () => {
    if (document.hidden) { again = true; return; }
    if (waiting === null) waiting = setTimeout(ask, 150 + Math.random() * 450);
  };

  const ask = async () => {
    waiting = null;
    if (asking) { again = true; return; }
    asking = true;
    again = false;
    try {
      const answer = await fetch(fresh + (fresh.includes("?") ? "&" : "?") + `since=${encodeURIComponent(last)}&at=${encodeURIComponent(at)}`, { cache: "no-store" });
      if (answer.status === 200) show(new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild);
      else if (answer.status === 429 || answer.status >= 500) again = true;
    } catch {
      again = true;
    }
    asking = false;
    if (again) { again = false; setTimeout(ring, 2000); }
  };

  const show = (part) => {
    // So much came that some of what was taken down may not have been told of.
    if ("stale" in part.dataset) { location.reload(); return; }
    ({ last, at } = part.dataset);
    total.textContent = part.dataset.total;
    holds.textContent = part.dataset.holds;
    const [rows, claims, changed, withdrawn] = part.children;
    still(() => {
      for (const id of part.dataset.gone.split(" ").filter(Boolean)) drop(id);
      for (const { dataset } of withdrawn.children)
        for (const moment of document.querySelectorAll(`.moment[data-document="${CSS.escape(dataset.document)}"]`)) moment.remove();
      moments.prepend(...rows.children);
      for (const card of [...claims.children].reverse()) put(card);
      for (const card of [...changed.children]) if (document.getElementById(card.id)) put(card);
      if (part.dataset.summary) tell(part.dataset.summary, "more" in part.dataset);
    });
  };

  const tell = (summary, more) => {
    notice.textContent = summary;
    if (!more) return;
    const link = document.createElement("a");
    link.href = "";
    link.textContent = "Load the page again to see all of them.";
    notice.append(". ", link);
  };

  // What was taken down is gone from here too.
  const drop = (id) => {
    document.getElementById(id)?.remove();
    for (const link of document.querySelectorAll(`a[href$="/claims/${CSS.escape(id)}"]`)) {
      const moment = link.closest(".moment");
      link.closest(".happening, .beside")?.remove();
      if (moment && !moment.querySelector(".happening")) moment.remove();
    }
  };

  const put = (card) => {
    const old = document.getElementById(card.id);
    const focused = old && old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    card.classList.add("fresh");
    if (old) old.replaceWith(card);
    else if (newest) { cards.querySelector(".empty")?.remove(); cards.prepend(card); }
    if (focused) [...card.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus({ preventScroll: true });
  };

  // What is being read stays where it is, however much comes above it.
  document.documentElement.style.overflowAnchor = "none";
  const still = (change) => {
    const all = [...document.querySelectorAll("#cards > *, #moments > *")];
    const anchor = window.scrollY > 0 ? all.find((one) => one.getBoundingClientRect().bottom > 0) : null;
    const before = anchor?.getBoundingClientRect().top;
    change();
    const stays = anchor && (anchor.isConnected ? anchor : document.getElementById(anchor.id));
    if (stays) window.scrollBy({ top: stays.getBoundingClientRect().top - before, behavior: "instant" });
  };

  const listen = () => {
    const source = new EventSource(events + "?since=" + encodeURIComponent(last));
    source.onopen = () => say(true, "live");
    source.onerror = () => {
      say(false, "not live; trying again");
      if (source.readyState === EventSource.CLOSED) setTimeout(() => { ring(); listen(); }, 15000);
    };
    for (const type of [...types.split(" "), "gap", "message"]) source.addEventListener(type, ring);
  };

  // A copy raises no event and yet is counted: what changed in silence is asked for from time to time.
  setInterval(ring, 30000 + Math.random() * 10000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) { again = false; ring(); } });
  listen();
})();
