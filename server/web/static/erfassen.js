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
  const input = form.querySelector("input[type=file]");
  const line = form.querySelector(".da-fortschritt");
  const bar = line.querySelector("progress");
  const told = line.querySelector("[data-stand]");
  form.querySelector(".da-nur-skript").hidden = false;
  form.querySelector("button").hidden = true;

  input.addEventListener("change", () => send([...input.files]));
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("da-ablage--offen");
  });
  form.addEventListener("dragleave", () => form.classList.remove("da-ablage--offen"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("da-ablage--offen");
    send([...event.dataTransfer.files]);
  });

  // One file after the other: each is checked and kept by itself.
  async function send(files) {
    line.hidden = false;
    const refused = [];
    for (const [index, file] of files.entries()) {
      const name = files.length > 1 ? `${file.name} (${index + 1} von ${files.length})` : file.name;
      const part = await sendOne(file, name);
      refused.push(...part);
    }
    for (const hint of refused) document.getElementById("anlagen").prepend(hint);
    line.hidden = true;
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

  // The list is drawn anew; what was refused is kept until all files have gone.
  function show(request, name) {
    const list = document.getElementById("anlagen");
    if (request.status === 200 || request.status === 422) {
      const parsed = new DOMParser().parseFromString(request.responseText, "text/html");
      list.replaceChildren(...parsed.body.childNodes);
      return [...list.querySelectorAll(":scope > .kern-alert")];
    }
    if (request.getResponseHeader("HX-Redirect")) {
      location.assign(request.getResponseHeader("HX-Redirect"));
      return [];
    }
    const hint = document.createElement("p");
    hint.className = "kern-body";
    hint.setAttribute("role", "alert");
    hint.textContent = request.status === 413
      ? `„${name}“ ist zu groß.`
      : `„${name}“ ist nicht angekommen. Bitte versuchen Sie es noch einmal.`;
    return [hint];
  }
})();
