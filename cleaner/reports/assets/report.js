"use strict";
(() => {
  document.documentElement.classList.add("js");

  const make = (name, members = {}) => Object.assign(document.createElement(name), members);
  const keyOf = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent.trim().replaceAll(",", "");
  const byKey = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;

  /* A header cell becomes a button that sorts its table, upwards first. */
  const makeSortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button", textContent: head.textContent });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        const body = table.tBodies[0];
        const keyed = [...body.rows].map((row) => [keyOf(row, column), row]);
        keyed.sort((a, b) => sign * byKey(a[0], b[0]));
        body.append(...keyed.map((pair) => pair[1]));
      });
    });
  };

  /* A search field and a choice of badges above the table, and how many rows they leave. */
  const makeFilterable = (table) => {
    const rows = [...table.tBodies[0].rows].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      badge: row.querySelector(".badge")?.textContent ?? "",
    }));
    const field = make("input", { type: "search", autocomplete: "off" });
    const choice = make("select");
    choice.append(...["all", ...new Set(rows.map((found) => found.badge))].map((name) => make("option", { value: name, textContent: name })));
    const count = make("output");
    const show = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const found of rows) {
        const fits = words.every((word) => found.text.includes(word)) && (choice.value === "all" || found.badge === choice.value);
        found.row.hidden = !fits;
        left += fits;
      }
      count.textContent = `${left} of ${rows.length} shown`;
    };
    const tools = make("div", { className: "tools" });
    for (const [name, control] of [["Find in this table", field], ["Show", choice]]) {
      const label = make("label", { textContent: name });
      label.append(control);
      tools.append(label);
      control.addEventListener("input", show);
    }
    tools.append(count);
    show();
    table.before(tools);
  };

  /* A link into a closed part opens it, and a part that is itself the target. */
  const open = (target) => {
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    target?.scrollIntoView({ block: target.matches("tr, i") ? "center" : "start" });
  };
  const openLinked = () => open(document.getElementById(decodeURIComponent(location.hash.slice(1))));

  /* Next and previous passage: from the one that was reached last, else from where the reader is on the page. */
  const stops = [...document.querySelectorAll(".stop")];
  let reached = null;
  const inView = (stop) => stop.getClientRects().length > 0;
  const top = (stop) => stop.getBoundingClientRect().top;
  const placeOf = (forth) => {
    if (stops.includes(document.activeElement)) return stops.indexOf(document.activeElement);
    if (reached && inView(reached) && Math.abs(top(reached)) < innerHeight) return stops.indexOf(reached);
    const below = stops.findIndex((stop) => inView(stop) && top(stop) > 60);
    return below < 0 ? (forth ? -1 : stops.length) : below - (forth ? 1 : 0);
  };
  const step = (forth) => {
    const next = stops[placeOf(forth) + (forth ? 1 : -1)];
    if (!next) return;
    reached?.closest("tr").classList.remove("at");
    reached = next;
    next.closest("tr").classList.add("at");
    open(next.closest("tr"));
    next.focus({ preventScroll: true });
  };
  const isTyping = (target) => target.closest?.("input, select, textarea") !== null;
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "n" || event.key === "j") step(true);
    if (event.key === "p" || event.key === "k") step(false);
  };

  /* A button that copies an entry; where the browser lets no page copy, it selects it. */
  const makeCopyable = (entry) => {
    const button = make("button", { type: "button", className: "plain", textContent: "Copy" });
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(entry.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(entry);
        button.textContent = "Selected: copy it with the keyboard";
      }
    });
    entry.after(button);
  };

  document.querySelectorAll("table[data-tools]").forEach((table) => {
    if (table.tBodies[0].rows.length < 3) return;
    makeSortable(table);
    makeFilterable(table);
  });
  document.querySelectorAll(".accept pre").forEach(makeCopyable);
  addEventListener("keydown", onKey);
  addEventListener("hashchange", openLinked);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => (part.open = true)));
  if (location.hash) openLinked();
})();
