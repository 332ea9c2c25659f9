// Completion while typing, filters without a new page, keys, quoting a selection. Every page works without
// this file; nothing here asks another host.
"use strict";

(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  function made(name, attributes = {}, ...content) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...content);
    return element;
  }

  // ---------------------------------------------------------------------------------------- said aloud

  // One live region for the whole page: an element that comes with new content is not read out.
  const live = made("p", { class: "sr", role: "status" });
  document.body.append(live);

  function say(text) {
    live.textContent = text;
  }

  // ---------------------------------------------------------------------------------------- completion

  const WAIT = 120; // milliseconds without a key before the server is asked
  const LEAST = 2; // letters below which nothing useful can be offered

  // The combobox pattern of the ARIA Authoring Practices: focus stays in the box, the list is pointed at.
  function complete(input) {
    const list = made("ul", { id: `${input.id}-complete`, class: "complete", role: "listbox" });
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
      const said = made("span", { dir: "auto" }, text);
      const item = made("li", { id: `${list.id}-${number}`, role: "option", "aria-selected": "false" }, said, " ");
      item.append(made("span", { class: "count" }, note));
      item.dataset.text = text;
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

  // ----------------------------------------------------------------------- results without a new page

  // A link or form that leads to another page of results fetches that very page and puts its content in
  // the place of the present one. Addresses stay what they are without script, so that going back, keeping
  // a link and opening in a new tab work as ever; whatever goes wrong, the browser goes there by itself.
  const main = $("main");
  let asked = new AbortController();

  function isResults(address) {
    return $("[data-results]") && address.origin === location.origin && address.pathname === location.pathname;
  }

  async function go(address, key, { push = true, scroll = null } = {}) {
    asked.abort();
    asked = new AbortController();
    main.setAttribute("aria-busy", "true");
    say($("[data-results]").dataset.busy);
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !$("[data-results]", page)) throw new Error(String(answer.status));
      if (push) {
        history.replaceState({ scroll: scrollY }, "");
        history.pushState({}, "", address);
      }
      put(page, key, scroll);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    }
  }

  function put(page, key, scroll) {
    const open = $$("details[open][data-key]").map((item) => item.dataset.key);
    main.replaceChildren(...$("main", page).childNodes);
    main.removeAttribute("aria-busy");
    document.title = page.title;
    $(".languages").replaceWith($(".languages", page));
    $$("details[data-key]").forEach((item) => (item.open = open.includes(item.dataset.key)));
    prepare();
    say($("[data-said]").textContent.replace(/\s+/g, " ").trim());
    // Focus goes back to what was pressed, where it is still there; else to what was found.
    const pressed = key && $$("[data-key]").find((item) => item.dataset.key === key && item.offsetParent);
    if (pressed) pressed.focus({ preventScroll: true });
    else {
      const found = $("#found") || main;
      found.focus({ preventScroll: true });
      if (scroll === null) scrollTo(0, 0);
    }
    if (scroll !== null) scrollTo(0, scroll);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    // An SVG link's `href` is no text.
    const address = new URL(link.getAttribute("href"), location.href);
    if (!isResults(address) || !main.contains(link) || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    go(address, link.dataset.key);
  });

  document.addEventListener("submit", (event) => {
    const address = new URL(event.target.action);
    if (!isResults(address) || event.defaultPrevented || !main.contains(event.target)) return;
    event.preventDefault();
    const fields = [...new FormData(event.target)].filter(([, value]) => value !== "");
    address.search = new URLSearchParams(fields);
    go(address, "");
  });

  addEventListener("popstate", (event) => {
    // Only what `go` has pushed or left; a step between anchors of one page is none of ours.
    if (event.state && isResults(location)) go(location.href, "", { push: false, scroll: event.state.scroll ?? 0 });
  });

  // Dragging over the bars chooses the time from the first to the last of them.
  function drag(strip) {
    const bars = $$("a[data-span]", strip);
    const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    frame.setAttribute("class", "frame");
    let from = null;
    let to = null;

    const at = (event) => {
      const x = ((event.clientX - strip.getBoundingClientRect().left) / strip.clientWidth) * 1200;
      const distance = (bar) => Math.abs(Number($(".bar", bar).getAttribute("x")) - x);
      return bars.reduce((near, bar) => (distance(bar) < distance(near) ? bar : near));
    };
    const edge = (bar, name) => Number($(".place", bar).getAttribute(name));

    strip.addEventListener("pointerdown", (event) => {
      if (event.button || event.pointerType === "touch") return;
      from = to = at(event);
    });
    strip.addEventListener("pointermove", (event) => {
      if (!from) return;
      to = at(event);
      if (to === from) return frame.remove();
      const [first, last] = [from, to].sort((one, other) => edge(one, "x") - edge(other, "x"));
      frame.setAttribute("x", edge(first, "x"));
      frame.setAttribute("width", edge(last, "x") + edge(last, "width") - edge(first, "x"));
      frame.setAttribute("height", "60");
      strip.append(frame);
    });
    addEventListener("pointerup", () => {
      const [first, last] = [from, to];
      from = to = null;
      frame.remove();
      if (!first || first === last) return;
      // The click that follows belongs to the drag, not to the bar it ends on.
      strip.addEventListener("click", (event) => event.preventDefault(), { once: true, capture: true });
      const spans = [first, last].sort((one, other) => edge(one, "x") - edge(other, "x"));
      const address = new URL(strip.dataset.range, location.href);
      address.searchParams.set("from", spans[0].dataset.span);
      address.searchParams.set("to", spans[1].dataset.span);
      go(address, "");
    });
    strip.addEventListener("dragstart", (event) => event.preventDefault());
  }

  // ------------------------------------------------------------------------------- quoting a selection

  const quoting = $("[data-quote]");

  function selected() {
    const selection = getSelection();
    if (!quoting || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    const block = (node) => (node.nodeType === 1 ? node : node.parentElement).closest("[id^='p']");
    const [first, last] = [block(range.startContainer), block(range.endContainer)];
    // The sign that links to a paragraph is not part of it.
    const text = selection.toString().replace(/[\s¶]+/g, " ").trim();
    return first && $(".body").contains(first) && text ? { text, first, last } : null;
  }

  // A text fragment (WICG): browsers that know it scroll to the very words, others to the paragraph.
  function linkTo({ text, first }) {
    const coded = (part) => encodeURIComponent(part).replace(/-/g, "%2D");
    const words = text.split(" ");
    const sought = words.length > 12 ? `${coded(words.slice(0, 5).join(" "))},${coded(words.slice(-5).join(" "))}` : coded(text);
    return `${quoting.dataset.version}#${first.id}:~:text=${sought}`;
  }

  function offer() {
    quoting.hidden = !selected();
  }

  function quote() {
    const found = selected();
    if (!found) return;
    const address = linkTo(found);
    const text = `“${found.text}”\n${quoting.dataset.citation.replace(quoting.dataset.version, address)}`;
    const dialog = $("dialog", quoting.parentElement);
    const box = $("textarea", dialog);
    box.value = text;
    $("a", dialog).href = address;
    dialog.showModal();
    box.select();
  }

  if (quoting) {
    const dialog = $("dialog", quoting.parentElement);
    document.addEventListener("selectionchange", offer);
    // A press on the button must not take the selection away.
    quoting.addEventListener("pointerdown", (event) => event.preventDefault());
    quoting.addEventListener("click", quote);
    $("[data-copy]", dialog).addEventListener("click", async (event) => {
      const box = $("textarea", dialog);
      try {
        await navigator.clipboard.writeText(box.value);
        say(event.target.dataset.copied);
        event.target.textContent = event.target.dataset.copied;
      } catch {
        box.select(); // Not allowed to: the reader's own key still copies it.
      }
    });
    $("[data-close]", dialog).addEventListener("click", () => dialog.close());
  }

  // ----------------------------------------------------------------------------------------------- keys

  const SETTING = "keys";

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

  let keys = stored();

  function step(by) {
    const titles = $$(".item-title a", main);
    const here = titles.findIndex((title) => title.closest("li").contains(document.activeElement));
    const next = titles[here < 0 && by < 0 ? titles.length - 1 : here + by];
    if (next) next.focus();
  }

  const SHORTCUTS = {
    "/": () => {
      const box = $("input[data-complete]");
      if (box) {
        box.focus();
        box.select();
      }
    },
    j: () => step(1),
    k: () => step(-1),
    n: () => $(".paging [rel~='next']")?.click(),
    p: () => $(".paging [rel~='prev']")?.click(),
    c: quote,
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && $(".zoom:target")) return $(".zoom:target .zoom-close").click();
    const writing = event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (!keys || writing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!Object.hasOwn(SHORTCUTS, event.key)) return;
    event.preventDefault();
    SHORTCUTS[event.key]();
  });

  // WCAG 2.1.4: whoever speaks to the computer must be able to turn single-key shortcuts off.
  $$("[data-keys]").forEach((line) => {
    const box = $("input", line);
    box.checked = keys;
    box.addEventListener("change", () => {
      keys = box.checked;
      store(keys);
    });
    line.hidden = false;
  });

  function prepare() {
    $$("input[data-complete]:not([role])").forEach(complete);
    $$(".bars[data-range]").forEach(drag);
  }

  prepare();
})();
