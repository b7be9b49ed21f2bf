"use strict";
// Sorts, filters and pages the lists, and makes tabs of the sections. Without it the page shows all, one after another.

const PAGE_SIZES = [25, 100];

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function startList(box) {
  const table = box.querySelector("table");
  const unit = box.dataset.unit;
  const headers = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies].map((body, place) => ({ body, place, text: null }));
  const number = new Intl.NumberFormat("en");
  let shown = rows;
  let page = 0;
  let size = PAGE_SIZES[0];

  const filter = element("input", { type: "search", autocomplete: "off", spellcheck: false });
  const sizes = element("select", {},
    ...PAGE_SIZES.map((one) => element("option", { value: one, textContent: one })),
    element("option", { value: rows.length, textContent: "all" }));
  const status = element("p", { className: "status" });
  status.setAttribute("role", "status");
  const before = element("button", { type: "button", textContent: "Previous" });
  const after = element("button", { type: "button", textContent: "Next" });
  const unfold = element("button", { type: "button", textContent: "Open all details" });
  box.before(element("div", { className: "controls" },
    element("label", {}, "Filter by text ", filter), element("label", {}, "At a time ", sizes), unfold, status));
  box.after(element("nav", { className: "pager", ariaLabel: `Pages of ${unit}` }, before, after));

  function draw() {
    const last = Math.max(0, Math.ceil(shown.length / size) - 1);
    page = Math.min(page, last);
    const first = page * size;
    const visible = shown.slice(first, first + size);
    table.replaceChildren(table.caption, table.tHead, ...visible.map((row) => row.body));
    const range = visible.length ? `${number.format(first + 1)}–${number.format(first + visible.length)} of ` : "";
    const those = shown.length < rows.length ? `that match, of ${number.format(rows.length)}` : "";
    status.textContent = `${unit} ${range}${number.format(shown.length)} ${those}`.trim();
    before.disabled = page === 0;
    after.disabled = page === last;
    before.parentElement.hidden = last === 0;
  }

  function select() {
    const wanted = filter.value.trim().toLowerCase();
    shown = rows.filter((row) => {
      row.text ??= row.body.textContent.toLowerCase();
      return row.text.includes(wanted);
    });
    page = 0;
    draw();
  }

  function key(row, column, kind) {
    const text = row.body.rows[0].cells[column].textContent;
    return kind === "number" ? parseFloat(text.replaceAll(",", "")) : text;
  }

  function sort(column) {
    const header = headers[column];
    const kind = header.dataset.sort;
    // The first press shows what there is most of; names go from A to Z.
    const starts = kind === "number" ? "descending" : "ascending";
    const other = starts === "ascending" ? "descending" : "ascending";
    const order = header.getAttribute("aria-sort") === starts ? other : starts;
    headers.forEach((one) => one.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const keys = new Map(rows.map((row) => [row, key(row, column, kind)]));
    const compare = kind === "number" ? (a, b) => a - b : new Intl.Collator("en", { numeric: true }).compare;
    rows.sort((one, two) => {
      const [a, b] = [keys.get(one), keys.get(two)];
      // What means nothing comes last, whichever way.
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b) || one.place - two.place;
      return sign * compare(a, b) || one.place - two.place;
    });
    select();
  }

  headers.forEach((header, column) => {
    const button = element("button", { type: "button" }, ...header.childNodes);
    button.addEventListener("click", () => sort(column));
    header.append(button);
  });
  let waiting;
  filter.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(select, 150);
  });
  sizes.addEventListener("change", () => {
    size = Number(sizes.value);
    page = 0;
    draw();
  });
  for (const [button, step] of [[before, -1], [after, 1]]) {
    button.addEventListener("click", () => {
      page += step;
      draw();
      box.scrollIntoView();
    });
  }
  unfold.addEventListener("click", () => {
    const all = [...table.querySelectorAll("tbody details")];
    const open = all.some((one) => !one.open);
    all.forEach((one) => { one.open = open; });
    unfold.textContent = open ? "Close all details" : "Open all details";
  });
  draw();
  return (text) => {
    filter.value = text;
    select();
    filter.scrollIntoView({ block: "center" });
    filter.focus({ preventScroll: true });
  };
}

function startTabs(bar, parts) {
  const tabs = [...bar.children];
  bar.setAttribute("role", "tablist");
  function choose(place, focus) {
    tabs.forEach((tab, own) => {
      tab.setAttribute("aria-selected", String(own === place));
      tab.tabIndex = own === place ? 0 : -1;
      parts[own].hidden = own !== place;
    });
    if (focus) tabs[place].focus();
  }
  tabs.forEach((tab, place) => {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", parts[place].id);
    tab.id = `${parts[place].id}-tab`;
    parts[place].setAttribute("role", "tabpanel");
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", tab.hash);
      choose(place, false);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === " ") tab.click();
      else if (step) choose((place + step + tabs.length) % tabs.length, true);
      else return;
      event.preventDefault();
    });
  });
  choose(Math.max(0, parts.findIndex((part) => `#${part.id}` === location.hash)), false);
}

const parts = [...document.querySelectorAll("section.part")];
for (const part of parts) {
  const search = startList(part.querySelector(".items"));
  for (const word of part.querySelectorAll(".frequent .word")) {
    const button = element("button", { type: "button", title: "Show where", textContent: word.textContent });
    button.addEventListener("click", () => search(word.textContent));
    word.replaceChildren(button);
  }
}
const bar = document.querySelector(".tabs");
if (bar) startTabs(bar, parts);
