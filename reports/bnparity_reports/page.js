"use strict";
// Narrows, sorts and copies; lands on links. Without it everything is on the page all the same.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = (element, key) => (element.dataset[key] || "").split(" ");

  // Filters: a part is shown unless it names the key of a filter and not the value chosen.
  const filters = document.getElementById("filters");
  const selects = filters ? all("select", filters) : [];
  const KEYS = ["backend", "output", "dtype", "mode", "verdict"];
  const parts = all(KEYS.map((key) => `main [data-${key}]`).join());
  const matrix = all(".matrix td[data-verdict]").map((cell) => ({
    cell, word: cell.querySelector(".word a") || cell.querySelector(".word"), ratio: cell.querySelector(".ratio"),
    was: [cell.dataset.verdict, cell.querySelector(".ratio").textContent],
    backend: cell.parentElement.dataset.backend,
  }));
  const WORST = ["not-checked", "pass", "loose", "fail"];
  const number = (text) => {
    const plain = text.replace(/,/g, "").trim();
    if (plain === "inf") return Infinity;
    return plain && !isNaN(plain) ? Number(plain) : null;
  };

  function matches(part, chosen) {
    return chosen.every(([key, value]) => !(key in part.dataset) || words(part, key).includes(value));
  }

  // The matrix is of what is chosen: of one dtype or mode, the worst of its cells.
  function refigure(chosen) {
    const narrow = chosen.filter(([key]) => key === "dtype" || key === "mode");
    const found = new Map();
    if (narrow.length) {
      for (const row of all(".cells tbody tr")) {
        if (!matches(row, narrow)) continue;
        for (const cell of all("td[data-output]", row)) {
          const key = `${row.dataset.backend} ${cell.dataset.output}`;
          const [verdict, ratio] = found.get(key) || ["not-checked", ""];
          const text = cell.querySelector(".ratio").textContent;
          const worse = WORST.indexOf(cell.dataset.verdict) > WORST.indexOf(verdict);
          const larger = (number(text) ?? -1) > (number(ratio) ?? -1);
          found.set(key, [worse ? cell.dataset.verdict : verdict, larger ? text : ratio]);
        }
      }
    }
    for (const { cell, word, ratio, was, backend } of matrix) {
      const key = `${backend} ${cell.dataset.output}`;
      const [verdict, text] = narrow.length ? found.get(key) || ["not-checked", ""] : was;
      cell.classList.replace(cell.dataset.verdict, verdict);
      cell.dataset.verdict = verdict;
      word.textContent = verdict.replace("-", " ");
      ratio.textContent = text;
    }
  }

  function narrow() {
    const chosen = selects.filter((s) => s.value).map((s) => [s.name, s.value]);
    const verdict = chosen.filter(([key]) => key === "verdict");
    const others = chosen.filter(([key]) => key !== "verdict");
    refigure(chosen);
    for (const part of parts) {
      const cell = part.tagName === "TD";
      part.hidden = !matches(part, cell ? others : chosen);
      if (cell) part.classList.toggle("dim", !matches(part, verdict));
    }
    // A row of cells stands for its cells: one of them has to be of the verdict.
    for (const row of verdict.length ? all("tr[data-backend]:not([hidden])") : []) {
      const cells = all("td[data-verdict]", row).filter((cell) => !cell.hidden);
      if (cells.length && cells.every((cell) => cell.classList.contains("dim")))
        row.hidden = row.dataset.status !== verdict[0][1];
    }
    const articles = all(".finding");
    const left = articles.filter((article) => !article.hidden).length;
    document.getElementById("shown").textContent =
      chosen.length ? `${left} of ${articles.length} findings shown` : "";
    document.getElementById("none-shown").hidden = !chosen.length || left > 0;
    document.getElementById("clear").disabled = !chosen.length;
  }

  function clear() {
    for (const select of selects) select.value = "";
    narrow();
  }

  if (filters) {
    filters.hidden = false;
    filters.addEventListener("change", narrow);
    filters.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("clear").addEventListener("click", () => { clear(); selects[0].focus(); });
    narrow();
  }

  // Links: what they lead to is shown, whatever hides it.
  function land() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) clear();
    for (let at = target.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView({ block: target.tagName === "TD" ? "center" : "start" });
  }
  addEventListener("hashchange", land);
  land();

  // Tables sort by a column: once up, once down.
  function sort(th) {
    const table = th.closest("table"), body = table.tBodies[0], column = th.cellIndex;
    const up = th.getAttribute("aria-sort") !== "ascending";
    const key = (row) => {
      const cell = row.cells[column];
      const text = ((cell && (cell.querySelector(".ratio, .key") || cell)) || row).textContent.trim();
      return [number(text), text];
    };
    const compare = ([a, x], [b, y]) =>
      a === null && b === null ? x.localeCompare(y, undefined, { numeric: true }) : (a ?? -1) - (b ?? -1) || 0;
    const rows = [...body.rows].map((row) => [key(row), row]).sort((a, b) => compare(a[0], b[0]));
    for (const other of all("th[aria-sort]", table)) other.removeAttribute("aria-sort");
    th.setAttribute("aria-sort", up ? "ascending" : "descending");
    body.append(...(up ? rows : rows.reverse()).map(([, row]) => row));
  }
  for (const th of all("table.sortable thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener("click", () => sort(th));
  }

  // Commands are copied whole.
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }
  for (const pre of all("pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await copy(pre.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    pre.before(button);
  }

  // On paper nothing is folded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
})();
