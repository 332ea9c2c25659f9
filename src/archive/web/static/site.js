// Completion while typing, and the key "/" that leads to the search box. Every page works without this file.
"use strict";

(() => {
  const WAIT = 120; // milliseconds without a key before the server is asked
  const LEAST = 2; // letters below which nothing useful can be offered
  const SETTING = "slash-key";

  // The combobox pattern of the ARIA Authoring Practices: focus stays in the box, the list is pointed at.
  function complete(input) {
    const list = document.createElement("ul");
    list.id = `${input.id}-complete`;
    list.className = "complete";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.completeLabel);
    input.parentElement.append(list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    let typed = "";
    let place = -1;
    let timer = 0;
    let asked = new AbortController();
    close();

    function settle() {
      clearTimeout(timer);
      asked.abort();
    }

    function close() {
      settle();
      place = -1;
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function open(texts, notes) {
      list.replaceChildren(...texts.map((text, number) => option(text, notes[number] || "", number)));
      place = -1;
      list.hidden = texts.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
      input.removeAttribute("aria-activedescendant");
    }

    function option(text, note, number) {
      const item = document.createElement("li");
      item.id = `${list.id}-${number}`;
      item.dataset.text = text;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const said = document.createElement("span");
      said.dir = "auto";
      said.textContent = text;
      const beside = document.createElement("span");
      beside.className = "count";
      beside.textContent = note;
      item.append(said, " ", beside);
      item.addEventListener("click", () => {
        input.value = text;
        close();
        input.form.requestSubmit();
      });
      return item;
    }

    function point(to) {
      // Whoever walks through this list must not have it replaced by a late answer.
      settle();
      const items = list.children;
      if (place >= 0) items[place].setAttribute("aria-selected", "false");
      // One place more than there are options: the box itself, with what was typed.
      place = ((to + 1 + items.length + 1) % (items.length + 1)) - 1;
      const item = items[place];
      input.value = item ? item.dataset.text : typed;
      if (!item) return input.removeAttribute("aria-activedescendant");
      item.setAttribute("aria-selected", "true");
      item.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", item.id);
    }

    async function ask() {
      asked.abort();
      asked = new AbortController();
      try {
        const address = `${input.dataset.complete}?q=${encodeURIComponent(typed)}`;
        const answer = await fetch(address, { signal: asked.signal });
        if (!answer.ok) return close();
        const [, texts, notes] = await answer.json();
        if (document.activeElement === input) open(texts, notes);
      } catch {
        // Overtaken by the next key, or no network: the box stays a plain box.
      }
    }

    input.addEventListener("input", () => {
      typed = input.value;
      clearTimeout(timer);
      if (typed.trim().length < LEAST) return close();
      timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      // Telex and VNI compose letters with the same keys.
      if (event.isComposing || list.hidden) return;
      if (event.key === "ArrowDown") point(place + 1);
      else if (event.key === "ArrowUp") point(place - 1);
      else if (event.key === "Escape") {
        input.value = typed;
        close();
      } else return;
      event.preventDefault();
    });
    input.addEventListener("blur", close);
    input.form.addEventListener("submit", close);
    // A press on the list must not take the focus, or the list would be gone before the click.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  function stored() {
    try {
      return localStorage.getItem(SETTING) !== "off";
    } catch {
      return true;
    }
  }

  function store(on) {
    try {
      localStorage.setItem(SETTING, on ? "on" : "off");
    } catch {
      // Storage is refused: the choice lasts as long as the page.
    }
  }

  let slash = stored();
  const boxes = document.querySelectorAll("input[data-complete]");
  boxes.forEach(complete);
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key !== "/" || !slash || writing || held || boxes.length === 0) return;
    event.preventDefault();
    boxes[0].focus();
    boxes[0].select();
  });

  // WCAG 2.1.4: whoever speaks to the computer must be able to turn a single-key shortcut off.
  document.querySelectorAll("[data-slash]").forEach((line) => {
    const box = line.querySelector("input");
    box.checked = slash;
    box.addEventListener("change", () => {
      slash = box.checked;
      store(slash);
    });
    line.hidden = false;
  });
})();
