// Capturing works without this file; with it, files are dragged here and a chosen place fills in its postal code.

(() => {
  // A place that was chosen from the suggestions brings its postal code, and the other way round.
  document.addEventListener("change", (event) => {
    const input = event.target;
    const address = input.closest && input.closest("[data-anschrift]");
    if (!address || !input.list) return;
    const prefix = address.dataset.anschrift;
    const meant = [...input.list.options].filter((item) => item.value === input.value);
    // Of several nobody knows which.
    if (meant.length !== 1) return;
    const other = meant[0].dataset.plz ? "plz" : "ort";
    const field = address.querySelector(`[name="${prefix}${other}"]`);
    if (field && !field.value) field.value = meant[0].dataset[other];
  });

  const form = document.querySelector("[data-ablage]");
  if (!form) return;
  const input = document.getElementById("dateien");
  const line = form.querySelector(".da-fortschritt");
  const bar = line.querySelector("progress");
  const told = line.querySelector("[data-stand]");
  const patience = form.querySelector("[data-geduld]");
  form.querySelector(".da-nur-skript").hidden = false;
  form.querySelector("button").hidden = true;

  const list = document.getElementById("anlagen");
  let queue = Promise.resolve();
  let waiting = 0;
  let refused = [];
  let isLeaving = false;

  input.addEventListener("change", () => take([...input.files]));
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("da-ablage--offen");
  });
  form.addEventListener("dragleave", () => form.classList.remove("da-ablage--offen"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("da-ablage--offen");
    take([...event.dataTransfer.files]);
  });
  // What is dropped beside it must not take the place of the page.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  // Who goes on now would lose what is still on its way.
  list.addEventListener("submit", (event) => {
    if (!waiting) return;
    event.preventDefault();
    patience.hidden = false;
  });
  addEventListener("beforeunload", (event) => {
    if (waiting && !isLeaving) event.preventDefault();
  });

  // Files wait for one another, also those that come while others are on their way.
  function take(files) {
    if (!waiting) refused = [];
    waiting += 1;
    queue = queue.then(() => send(files)).finally(() => {
      waiting -= 1;
      if (!waiting) line.hidden = patience.hidden = true;
    });
  }

  // One file after the other: each is checked and kept by itself.
  async function send(files) {
    line.hidden = false;
    for (const [index, file] of files.entries()) {
      if (isLeaving) return;
      const name = files.length > 1 ? `${file.name} (${index + 1} von ${files.length})` : file.name;
      const part = await sendOne(file, name);
      refused.push(...part);
    }
    list.prepend(...refused);
    input.value = "";
  }

  function sendOne(file, name) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const content = new FormData();
      for (const hidden of form.querySelectorAll("input[type=hidden]")) content.append(hidden.name, hidden.value);
      content.append("dateien", file, file.name);
      request.upload.addEventListener("progress", (event) => {
        bar.value = event.lengthComputable ? Math.round((100 * event.loaded) / event.total) : 0;
        told.textContent = bar.value < 100 ? `${name}: ${bar.value} %` : `${name} wird geprüft …`;
      });
      request.addEventListener("loadend", () => resolve(show(request, name)));
      request.open("POST", form.action);
      request.setRequestHeader("HX-Request", "true");
      request.send(content);
    });
  }

  // The list is drawn anew, with the kinds that were chosen and not saved yet; what was refused is kept until all files
  // have gone.
  function show(request, name) {
    if (request.status === 200 || request.status === 422) {
      const chosen = [...list.querySelectorAll("select")].map((field) => [field.id, field.value]);
      const parsed = new DOMParser().parseFromString(request.responseText, "text/html");
      list.replaceChildren(...parsed.body.childNodes);
      for (const [id, value] of chosen) {
        const field = document.getElementById(id);
        if (field) field.value = value;
      }
      return [...list.querySelectorAll(":scope > .kern-alert")];
    }
    if (request.getResponseHeader("HX-Redirect")) {
      isLeaving = true;
      location.assign(request.getResponseHeader("HX-Redirect"));
      return [];
    }
    return [makeAlert(request.status === 413
      ? `„${name}“ ist zu groß.`
      : `„${name}“ ist nicht angekommen. Bitte versuchen Sie es noch einmal.`)];
  }

  // As the macro `hinweis` draws it.
  function makeAlert(text) {
    const hint = document.createElement("div");
    hint.className = "kern-alert kern-alert--danger da-hinweis";
    hint.setAttribute("role", "alert");
    hint.innerHTML = `<div class="kern-alert__header"><span class="kern-icon kern-icon--danger" aria-hidden="true"></span>
      <span class="kern-title"></span></div>`;
    hint.querySelector(".kern-title").textContent = text;
    return hint;
  }
})();
