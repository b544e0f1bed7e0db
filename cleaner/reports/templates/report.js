"use strict";
(() => {
  document.documentElement.classList.add("js");

  const make = (name, members = {}) => Object.assign(document.createElement(name), members);
  const keyOf = (row, column) => row.cells[column].dataset.key ?? row.cells[column].textContent.trim().replaceAll(",", "");
  const byKey = (a, b) => a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });

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

  /* A link into a closed part opens it. */
  const open = (target) => {
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    target?.scrollIntoView();
  };
  const openLinked = () => open(document.getElementById(decodeURIComponent(location.hash.slice(1))));

  const showRun = (event) => {
    const ribbon = event.target.closest?.(".ribbon");
    if (!ribbon) return;
    const run = ribbon.closest(".card").querySelectorAll(".runs > li")[ribbon.dataset.run - 1];
    document.querySelectorAll(".found").forEach((old) => old.classList.remove("found"));
    run?.classList.add("found");
    open(run);
  };

  document.querySelectorAll("table[data-tools]").forEach((table) => {
    if (table.tBodies[0].rows.length < 3) return;
    makeSortable(table);
    makeFilterable(table);
  });
  document.addEventListener("click", showRun);
  addEventListener("hashchange", openLinked);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => (part.open = true)));
  if (location.hash) openLinked();
})();
