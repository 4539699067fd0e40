// The little that pages do beside htmx. Every page works without it.

// A change that htmx sends carries the token of the session.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && token.content) {
    event.detail.ctx.request.headers["X-CSRF-Token"] = token.content;
  }
});

// Who chooses a suggestion wants the list of it at once: Firefox tells of the choice as input alone, and of the change
// when the field is left.
document.addEventListener("input", (event) => {
  const field = event.target;
  if (event.inputType === "insertReplacementText" && field.list && field.closest("form[role=search]")) {
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

// A form that did not fit is drawn again: where nothing above it says so, its first wrong field is shown.
const wrong = document.querySelector("[aria-invalid=true]");
if (wrong && !document.querySelector("main [role=alert]")) wrong.focus();

// A message that is being written is asked about before the page is left; who types keeps the session open; a repeated click
// sends nothing again.
(() => {
  const PAUSE = 5 * 60 * 1000;
  const REPEATED = 3 * 1000;
  const changed = new Set();
  const sent = new WeakMap();
  let asked = Date.now();

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || form.method !== "post") return;
    if (form.matches(".da-erfassen, .da-antwort")) changed.add(form);
    if (Date.now() - asked < PAUSE) return;
    asked = Date.now();
    fetch("/profil/sitzung", { headers: { "HX-Request": "true" } }).catch(() => {});
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    // Another button may follow at once: a form whose answer is a file stays where it is.
    const last = sent.get(form);
    if (last && last.button === event.submitter && Date.now() - last.moment < REPEATED) {
      event.preventDefault();
      return;
    }
    sent.set(form, { button: event.submitter, moment: Date.now() });
    changed.clear();
  });
  addEventListener("pageshow", () => {
    for (const form of document.forms) sent.delete(form);
  });
  addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
})();
