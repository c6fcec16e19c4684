// What pages gain with JavaScript: copy buttons, a queue that stays fresh, no half-written note lost.
// Everything else works without it, so nothing here may be needed.

const REFRESH_MS = 20_000;

function offerCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const wording = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(wording.innerText.trim());
        say(button, button.dataset.done);
      } catch {
        say(button, button.dataset.failed);
      }
    });
  }
}

function say(button, text) {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => { button.textContent = before; }, 1500);
}

function keepFresh() {
  const list = document.querySelector("[data-refresh]");
  if (!list) return;
  setInterval(() => { if (document.visibilityState === "visible") refresh(list); }, REFRESH_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refresh(list);
  });
}

async function refresh(list) {
  // a person who is reading a row by keyboard keeps their place
  if (list.contains(document.activeElement)) return;
  try {
    const answer = await fetch(list.dataset.refresh, { headers: { accept: "text/html" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") { location.reload(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    list.innerHTML = await answer.text();
    markStale(list, false);
  } catch {
    markStale(list, true);
  }
}

function markStale(list, stale) {
  const warning = document.getElementById(list.dataset.staleWarning);
  if (warning) warning.hidden = !stale;
}

function guardHalfWrittenNotes() {
  const half = () => [...document.querySelectorAll("textarea")].filter(
    (note) => note.value.trim() !== note.defaultValue.trim());
  let sending = null;
  for (const form of document.forms) form.addEventListener("submit", () => { sending = form; });
  addEventListener("beforeunload", (event) => {
    // a note that is being sent is not lost, one in another form of the page is
    if (half().some((note) => note.form !== sending)) event.preventDefault();
    sending = null;
  });
}

offerCopying();
keepFresh();
guardHalfWrittenNotes();
