// The little that pages do beside htmx. Every page works without it.

// A change that htmx sends carries the token of the session.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && token.content) {
    event.detail.ctx.request.headers["X-CSRF-Token"] = token.content;
  }
});
