// Live progress without reloading: a section that asks for it is fetched again and replaced. A part in which
// somebody is typing or has the focus is left alone. Without this script the page reloads by itself.
"use strict";

for (const section of document.querySelectorAll("[data-live]")) {
  const places = [...document.querySelectorAll("[data-live]")];
  const place = places.indexOf(section);
  let current = section;
  const refresh = async () => {
    if (!document.hidden && !current.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelectorAll("[data-live]")[place];
        if (!fresh) return location.reload();
        current.replaceWith(fresh);
        current = fresh;
      } catch {
        // The server is away for a moment: the next turn tries again.
      }
    }
    setTimeout(refresh, Number(current.dataset.live) * 1000);
  };
  setTimeout(refresh, Number(section.dataset.live) * 1000);
}
