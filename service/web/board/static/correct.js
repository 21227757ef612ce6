// A person corrects a claim: what the form says goes to the API, with a token that only this tab keeps.
// What comes back is put in as text, never as markup.
"use strict";

(() => {
  const form = document.getElementById("correct-form");
  if (!form) return;
  const [into, reason, by, token, answer] = ["into", "reason", "by", "token", "answer"].map((id) => document.getElementById(`correct-${id}`));
  const { edits, claims, claim, undoes } = form.dataset;
  const boxes = [...form.querySelectorAll("[data-for=split] input")];
  const LOOKS = 60;
  let sending = false;
  let last = { body: "", key: "" };

  const keeping = (field, name) => {
    try {
      field.value = sessionStorage.getItem(name) ?? "";
      field.addEventListener("change", () => sessionStorage.setItem(name, field.value));
    } catch { /* a browser that keeps nothing asks again */ }
  };

  const what = () => form.elements["correct-what"].value;

  // What the other choices ask for is neither shown, nor asked for, nor reached by keyboard.
  const choose = () => {
    for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.disabled = part.dataset.for !== what();
    check();
  };

  const check = () => {
    boxes[0]?.setCustomValidity(boxes.some((box) => box.checked) ? "" : "Choose the documents that say something else.");
    into?.setCustomValidity(into.validity.patternMismatch ? "A claim's address is c1- and 16 digits; that of its page will do." : "");
  };

  const asked = () => {
    const said = { action: what(), reason: reason.value, by: by.value };
    if (said.action === "takedown") return { ...said, uri: document.getElementById("correct-uri").value };
    if (said.action === "undo") return { ...said, undoes };
    if (said.action === "merge") return { ...said, claim, into: into.value.match(/c1-[0-9a-f]{16}(?=([?#].*)?\s*$)/)[0] };
    if (said.action === "split") return { ...said, claim, documents: boxes.filter((box) => box.checked).map((box) => box.value) };
    return { ...said, claim };
  };

  // The same edit sent again, since no answer came, is one edit.
  const keyOf = (body) => {
    if (body !== last.body) last = { body, key: [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
    return last.key;
  };

  // Without credentials of the browser's own: it would ask for a password where the token is refused.
  const call = async (path, options = {}) => {
    const headers = { ...options.headers, Authorization: `Bearer ${token.value.trim()}` };
    const got = await fetch(path, { cache: "no-store", credentials: "omit", redirect: "error", ...options, headers });
    return { status: got.status, retry: got.headers.get("Retry-After"), body: await got.json().catch(() => ({})) };
  };

  const say = (kind, ...parts) => {
    answer.className = `answer ${kind}`;
    answer.replaceChildren(...parts);
  };

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  const send = async () => {
    const body = JSON.stringify(asked());
    say("waiting", "Sent; no answer yet.");
    let got = await call(edits, { method: "POST", body, headers: { "Content-Type": "application/json", "Idempotency-Key": keyOf(body) } });
    if (got.body.state === "waiting") say("waiting", `Waiting: edit ${got.body.id} stands in the story's line, and no worker has come to it yet.`);
    for (let look = 0; got.body.state === "waiting" && look < LOOKS; look += 1) {
      await pause(1000);
      const again = await call(`${edits}/${encodeURIComponent(got.body.id)}`);
      if (again.status === 200) got = again;
    }
    tell(got);
  };

  const tell = ({ status, retry, body }) => {
    if (body.state === "waiting") return;
    last = { body: "", key: "" };
    if (body.state === "applied") {
      say("applied", `Applied as edit ${body.id}. `, ...links(body.changed));
      reason.value = "";
      const sure = document.getElementById("correct-sure");
      if (sure) sure.checked = false;
    } else if (body.state === "refused") say("refused", `Refused: ${body.why}. Nothing was changed.`);
    else {
      const wait = retry ? ` Send it again in ${retry} s.` : "";
      say("refused", `Refused: ${body.detail || body.title || `status ${status}`}.${wait} Nothing was changed.`);
    }
    token.toggleAttribute("aria-invalid", false);
    if (status === 401 || status === 403) {
      token.setAttribute("aria-invalid", "true");
      token.focus();
      token.select();
    }
  };

  const links = (changed) => changed.flatMap((id, place) => {
    const link = document.createElement("a");
    link.href = claims + encodeURIComponent(id);
    link.textContent = id === claim ? "This claim as it is now" : `Claim ${id}`;
    return place ? [" · ", link] : [link];
  });

  form.addEventListener("change", choose);
  form.addEventListener("input", check);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    try {
      await send();
    } catch {
      say("refused", "No answer came. Send it again: it will be done once.");
    }
    sending = false;
  });
  keeping(token, "claimwire-token");
  keeping(by, "claimwire-by");
  choose();
  form.hidden = false;
  document.getElementById("correct-commands").hidden = true;
})();
