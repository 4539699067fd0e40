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
