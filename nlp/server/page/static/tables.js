// The lists below the caption: edges with their triggers in context, what mentions refer to, keywords, and the network
// in words.

import { badge, curieLink, element, score } from "./dom.js";
import { mentionsById, network, nodeId, signMark, verb } from "./record.js";

const CONTEXT = 40;
const SHOWN = 3;

// The words around a span, cut between words; offsets count code points.
function inContext(letters, { start, end }) {
  let before = letters.slice(Math.max(0, start - CONTEXT), start).join("");
  let after = letters.slice(end, end + CONTEXT).join("");
  if (start > CONTEXT) before = `…${before.slice(before.indexOf(" ") + 1)}`;
  if (end + CONTEXT < letters.length) after = `${after.slice(0, after.lastIndexOf(" ") + 1)}…`;
  return [before, element("em", {}, letters.slice(start, end).join("")), after];
}

// ``pointed`` is called with the relation of the row that is pointed at, ``chosen`` with the one that is pressed.
export function drawEdges(body, record, { pointed, chosen }) {
  const mentions = mentionsById(record);
  const letters = [...record.text];
  const end = (id, name) => {
    const mention = mentions.get(id);
    return element("td", { className: name }, badge(mention.type), " ", mention.text);
  };
  const sorted = [...record.relations].sort((a, b) => b.score - a.score);
  body.replaceChildren(
    ...sorted.map((relation) => {
      const label = `${relation.type} ${signMark(relation.sign)}`.trim();
      const button = element("button", { type: "button", className: "plain", title: "Show it in the caption" }, label);
      button.addEventListener("click", () => chosen(relation));
      const flags = ["negated", "speculative"]
        .filter((flag) => relation[flag])
        .map((flag) => element("span", { className: `flag ${flag}` }, flag));
      const row = element(
        "tr",
        { data: { relation: relation.id } },
        end(relation.source, "source"),
        element("td", { className: `kind ${["more", "unsaid", "less"][1 - relation.sign]}` }, button, ...flags),
        end(relation.target, "target"),
        element("td", { className: "count", data: { label: "score" } }, score(relation.score)),
        element("td", { className: "context" }, ...(relation.trigger ? inContext(letters, relation.trigger) : ["–"])),
      );
      row.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && pointed(relation));
      row.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && pointed(null));
      return row;
    }),
    ...(sorted.length ? [] : [nothing(5, "No edges are shown.")]),
  );
}

export function drawThings(body, record) {
  const things = new Map();
  for (const mention of record.mentions) {
    const key = `${nodeId(mention)}\n${mention.text}`;
    things.set(key, [...(things.get(key) ?? []), mention]);
  }
  body.replaceChildren(
    ...[...things.values()].map((same) => {
      const [mention] = same;
      const times = same.length > 1 ? element("small", {}, ` ×${same.length}`) : "";
      const references = mention.references
        .slice(0, SHOWN)
        .map((reference) =>
          element("li", {}, curieLink(reference), ` ${reference.name} `, element("small", {}, score(reference.score))),
        );
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, badge(mention.type), " ", mention.text, times),
        element("td", { className: "count" }, score(Math.max(...same.map((one) => one.score)))),
        element(
          "td",
          {},
          references.length
            ? element("ul", { className: "references" }, ...references)
            : element("span", { className: "none" }, "no identifier known"),
        ),
      );
    }),
    ...(things.size ? [] : [nothing(3, "No mentions are shown.")]),
  );
}

export function drawKeywords(list, record) {
  list.replaceChildren(
    ...record.keywords.map((keyword) =>
      element("li", {}, badge(keyword.type), " ", keyword.keyword, " ", ...(keyword.curie ? [curieLink(keyword)] : [])),
    ),
    ...(record.keywords.length ? [] : [element("li", { className: "none" }, "None.")]),
  );
}

export function drawWords(list, record) {
  const { nodes, edges } = network(record);
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  list.replaceChildren(
    ...edges.map((edge) =>
      element(
        "li",
        {},
        `${names.get(edge.source)} ${verb(edge)} ${names.get(edge.target)}${edge.speculative ? " (speculative)" : ""}`,
      ),
    ),
    ...(edges.length ? [] : [element("li", {}, "No edges are shown.")]),
  );
}

export function lightRow(body, relations) {
  for (const row of body.rows) row.classList.toggle("lit", relations.has(row.dataset.relation));
}

const nothing = (columns, words) => element("tr", {}, element("td", { colSpan: columns, className: "none" }, words));
