// The page: takes a caption, asks the server for its mentions and edges, and shows those that are scored well enough.

import { byId } from "./dom.js";
import { captionOf } from "./files.js";
import { Graph } from "./graph.js";
import { filtered } from "./record.js";
import { annotate, convert, Problem, setToken } from "./server.js";
import { copy, download, fromFragment, toFragment } from "./share.js";
import { drawEdges, drawKeywords, drawThings, drawWords, lightRow } from "./tables.js";
import { CaptionText } from "./text.js";

const NONE = new Set();
const KINDS = { mentions: "mentions", relations: "edges" };

const field = byId("caption");
const rows = byId("edges").tBodies[0];
const least = { mentions: 0, relations: 0 };
// What was put into the field last, with its titles, which are no longer its own when the text is another.
let put = { text: "" };
// What the answer is to.
let answered = null;
let whole = null;
let shown = null;
let kept = { mentions: NONE, relations: NONE };
let asked = new AbortController();

const text = new CaptionText(byId("text"), (mentions) =>
  mentions.length ? light(new Set(mentions.map((mention) => mention.id)), NONE) : light(kept.mentions, kept.relations),
);
const graph = Graph.available()
  ? new Graph(byId("graph"), (mentions, relations) => choose(new Set(mentions), new Set(relations)))
  : null;

function light(mentions, relations) {
  const ends = shown.relations
    .filter((relation) => relations.has(relation.id))
    .flatMap(({ source, target }) => [source, target]);
  const all = new Set([...mentions, ...ends]);
  text.light(all, relations);
  graph?.light(all, relations);
  lightRow(rows, relations);
}

// What is chosen stays lit until something else is.
function choose(mentions, relations) {
  kept = { mentions, relations };
  light(mentions, relations);
}

function pick(relation) {
  const again = kept.relations.has(relation.id);
  choose(NONE, again ? NONE : new Set([relation.id]));
  if (!again) text.show(new Set([relation.source, relation.target]));
}

function show() {
  shown = filtered(whole, least);
  // Before anything is drawn, so that it has its width.
  byId("answer").hidden = false;
  kept = { mentions: NONE, relations: NONE };
  text.draw(shown);
  graph?.draw(shown);
  byId("no-edges").hidden = !graph || shown.relations.some((relation) => !relation.negated);
  drawEdges(rows, shown, {
    pointed: (relation) => (relation ? light(NONE, new Set([relation.id])) : light(kept.mentions, kept.relations)),
    chosen: pick,
  });
  drawWords(byId("graph-words"), shown);
  drawThings(byId("things").tBodies[0], shown);
  drawKeywords(byId("keywords"), shown);
  for (const [name, what] of Object.entries(KINDS)) {
    const slider = byId(`${name}-slider`);
    const value = least[name].toFixed(2);
    const counts = `${shown[name].length} of ${whole[name].length} ${what} shown`;
    slider.querySelector("input").value = value;
    slider.querySelector("input").ariaValueText = `${value}, ${counts}`;
    slider.querySelector("output").textContent = value;
    slider.querySelector(".shown").textContent = counts;
    // A tick under the slider for each score.
    const ticks = whole[name].map((one) => `M${100 * one.score} 0V6`);
    slider.querySelector(".scores path").setAttribute("d", ticks.join(""));
  }
  light(NONE, NONE);
}

const count = (things, one) => `${things.length} ${one}${things.length === 1 ? "" : "s"}`;

function say(words) {
  byId("status").textContent = words;
}

function complain(error) {
  if (error.name === "AbortError") return;
  say("");
  const known = error instanceof Problem;
  byId("problem").textContent = known ? error.message : `Something went wrong on this page: ${error.message}`;
  byId("problem").hidden = false;
  byId("token").hidden = !(known && error.status === 401);
  if (!known) throw error;
}

// Run what asks the server: one thing at a time, with what went wrong shown.
async function attempt(words, work) {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  byId("problem").hidden = true;
  byId("token").hidden = true;
  say(words);
  byId("ask").setAttribute("aria-busy", "true");
  try {
    await work(signal);
  } catch (error) {
    complain(error);
  } finally {
    if (asked.signal === signal) byId("ask").removeAttribute("aria-busy");
  }
}

function fill(caption) {
  field.value = caption.text;
  // As the field holds it: without carriage returns.
  put = { ...caption, text: field.value };
}

async function ask() {
  const caption = field.value === put.text ? put : { text: field.value };
  if (!caption.text.trim()) {
    complain(new Problem("There is no caption yet. Paste one, or choose an example."));
    field.focus();
    return;
  }
  await attempt("Reading…", async (signal) => {
    whole = await annotate(caption, signal);
    answered = caption;
    history.replaceState(null, "", toFragment(caption, least));
    show();
    say(`Found ${count(whole.mentions, "mention")} and ${count(whole.relations, "edge")}.`);
  });
}

async function open(file) {
  if (!file) return;
  try {
    fill(await captionOf(file));
  } catch (error) {
    complain(error);
    return;
  }
  await ask();
}

async function take(hand) {
  const format = document.querySelector("[name=format]:checked").value;
  await attempt("Writing…", async (signal) => {
    const written = format === "json" ? `${JSON.stringify(shown, null, 1)}\n` : await convert(shown, format, signal);
    say(await hand(written, format));
  });
}

async function copied(words, written) {
  return (await copy(written)) ? words : "The browser does not let this page copy; download it instead.";
}

function wire() {
  if (!graph) {
    for (const one of document.querySelectorAll("#graph, .zoom")) one.hidden = true;
    byId("no-graph").hidden = false;
  }
  byId("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask();
  });
  for (const example of document.querySelectorAll(".try [data-text]")) {
    example.addEventListener("click", () => {
      fill({ text: example.dataset.text });
      ask();
    });
  }
  // The link's own way would put its anchor in place of the caption that the address holds.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    field.focus();
  });
  byId("open").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", (event) => {
    open(event.target.files[0]);
    event.target.value = "";
  });
  byId("token").addEventListener("submit", (event) => {
    event.preventDefault();
    setToken(byId("token-value").value);
    byId("token-value").value = "";
    ask();
  });
  for (const name of Object.keys(KINDS)) {
    const slider = byId(`${name}-threshold`);
    slider.addEventListener("input", () => {
      least[name] = Number(slider.value);
      show();
    });
    // Not while it moves: browsers bound how often an address may change.
    slider.addEventListener("change", () => history.replaceState(null, "", toFragment(answered, least)));
  }
  byId("download").addEventListener("click", () =>
    take((written, format) => {
      download(written, format);
      return `Downloaded as ${format.toUpperCase()}.`;
    }),
  );
  byId("copy").addEventListener("click", () =>
    take((written, format) => copied(`Copied as ${format.toUpperCase()}.`, written)),
  );
  byId("share").addEventListener("click", async () => {
    const inside = answered.title || answered.paper_title ? "The caption and its titles are" : "The caption is";
    say(
      await copied(`The link is copied. ${inside} inside it.`, new URL(toFragment(answered, least), location).href),
    );
  });
  for (const type of ["dragenter", "dragover"]) {
    addEventListener(type, (event) => {
      event.preventDefault();
      byId("ask").classList.add("over");
    });
  }
  addEventListener("dragleave", (event) => event.relatedTarget ?? byId("ask").classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    byId("ask").classList.remove("over");
    const [file] = event.dataTransfer.files;
    if (file) open(file);
    else if (event.dataTransfer.getData("text")) {
      fill({ text: event.dataTransfer.getData("text") });
      ask();
    }
  });
  addEventListener("hashchange", arrive);
}

// A link holds its caption, and the titles that it was read with.
function arrive() {
  const found = fromFragment(location.hash);
  if (!found) return;
  Object.assign(least, found.least);
  fill(found.caption);
  ask();
}

wire();
arrive();
