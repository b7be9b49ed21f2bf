// Draws the network by Cytoscape.js, where it is installed.

import { byId } from "./dom.js";
import { BADGE, colours, FONT, HEIGHT, PADDING, styles } from "./graph_style.js";
import { layered } from "./layout.js";
import { network } from "./record.js";

// Pixels between edges that run beside each other, and the largest scale a small network is drawn at.
const BESIDE = 16;
const NEAREST = 1.15;
const LONGEST = 28;
const MARGIN = 18;
const [LOWEST, HIGHEST] = [280, 640];

const media = matchMedia("(prefers-color-scheme: dark)");
const ruler = document.createElement("canvas").getContext("2d");

const short = (name) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name);

// Where an edge leaves the straight line between its ends: how far along, and how far off.
function bent({ id, source, target }, edges, points, bends) {
  const through = bends.get(`${source}\n${target}`);
  if (!through) return {};
  const [from, to] = [points.get(source), points.get(target)];
  const [x, y] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(x, y);
  // Several edges between the same two run beside each other.
  const same = edges.filter((one) => one.source === source && one.target === target);
  const beside = (same.findIndex((one) => one.id === id) - (same.length - 1) / 2) * BESIDE;
  const weights = through.map((point) => ((point.x - from.x) * x + (point.y - from.y) * y) / length ** 2);
  const distances = through.map((point) => ((point.y - from.y) * x - (point.x - from.x) * y) / length + beside);
  // The curve goes half the way to a single point.
  return through.length > 1
    ? { weights, distances }
    : { weights: [2 * weights[0] - 0.5], distances: [2 * distances[0]] };
}

export class Graph {
  #box;
  #drawing = null;
  #chosen;
  #drawn = "";
  // Mentions and relations behind each node and edge.
  #said = new Map();

  // ``chosen`` is called with the mentions and relations of the node or edge that is tapped, or none.
  constructor(box, chosen) {
    this.#box = box;
    this.#chosen = chosen;
    media.addEventListener("change", () => this.#drawing?.style(styles(colours())));
    document.querySelector(".zoom").addEventListener("click", (event) => this.#view(event.target.dataset.view));
    new ResizeObserver(() => this.#resized()).observe(box);
  }

  static available() {
    return Boolean(globalThis.cytoscape);
  }

  draw(record) {
    const { nodes, edges } = network(record);
    byId("graph-title").textContent = `A network of ${nodes.length} nodes and ${edges.length} edges`;
    document.querySelector(".zoom").hidden = !edges.length;
    const state = JSON.stringify([nodes.map((node) => node.id), edges.map((edge) => edge.id)]);
    this.#relations(edges, nodes);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#drawing?.destroy();
    this.#drawing = edges.length ? this.#make(nodes, edges) : null;
  }

  light(mentions, relations) {
    if (!this.#drawing) return;
    this.#drawing.batch(() => {
      for (const one of this.#drawing.elements()) {
        const { mentions: own = [], relations: stated = [] } = this.#said.get(one.id()) ?? {};
        const lit = own.some((id) => mentions.has(id)) || stated.some((id) => relations.has(id));
        one.toggleClass("lit", lit);
        one.toggleClass("faded", relations.size > 0 && !lit);
      }
    });
  }

  #relations(edges, nodes) {
    this.#said = new Map([
      ...nodes.map((node) => [node.id, { mentions: node.mentions.map((mention) => mention.id) }]),
      ...edges.map((edge) => [edge.id, { relations: edge.relations.map((relation) => relation.id) }]),
    ]);
  }

  #make(nodes, edges) {
    ruler.font = `${FONT}px ${getComputedStyle(document.body).fontFamily}`;
    const widths = new Map(
      nodes.map((node) => [node.id, ruler.measureText(short(node.name)).width + BADGE + 2 * PADDING]),
    );
    const down = this.#box.clientWidth < 480;
    const { points, bends } = layered(
      { nodes, edges },
      (id) => (widths.has(id) ? [widths.get(id), HEIGHT] : undefined),
      { down, gap: down ? 20 : 24, layerGap: down ? 52 : 64 },
    );
    this.#box.parentElement.style.minHeight = `${this.#height(points, widths)}px`;
    const made = globalThis.cytoscape({
      container: this.#box,
      style: styles(colours()),
      elements: [
        ...nodes.map(({ id, name, type }) => ({
          data: { id, name: short(name), type, width: widths.get(id) },
          position: points.get(id),
        })),
        ...edges.map((edge) => {
          const { id, source, target, type, sign, speculative } = edge;
          return { data: { id, source, target, type, sign, speculative, ...bent(edge, edges, points, bends) } };
        }),
      ],
      layout: { name: "preset" },
      maxZoom: 3,
      minZoom: 0.1,
      autounselectify: true,
      boxSelectionEnabled: false,
      // The wheel and a finger scroll the page; the buttons zoom.
      userZoomingEnabled: false,
      userPanningEnabled: !matchMedia("(pointer: coarse)").matches,
    });
    made.on("tap", (event) => {
      const { mentions = [], relations = [] } = event.target === made ? {} : this.#said.get(event.target.id());
      this.#chosen(mentions, relations);
    });
    this.#fit(made);
    return made;
  }

  // Pixels that the drawing needs if it is as wide as its box, within bounds.
  #height(points, widths) {
    const sides = [...points].map(([id, { x }]) => [x - widths.get(id) / 2, x + widths.get(id) / 2]);
    const width = Math.max(...sides.map(([, right]) => right)) - Math.min(...sides.map(([left]) => left));
    const ys = [...points.values()].map(({ y }) => y);
    const height = Math.max(...ys) - Math.min(...ys) + 2 * HEIGHT;
    const scale = Math.min(NEAREST, (this.#box.clientWidth - 2 * MARGIN) / width);
    return Math.max(LOWEST, Math.min(height * scale + 2 * MARGIN, HIGHEST));
  }

  #fit(made) {
    made.fit(undefined, MARGIN);
    if (made.zoom() > NEAREST) {
      made.zoom(NEAREST);
      made.center();
    }
  }

  #view(what) {
    const made = this.#drawing;
    if (!made || !what) return;
    if (what === "fit") this.#fit(made);
    else
      made.zoom({
        level: made.zoom() * (what === "in" ? 1.3 : 1 / 1.3),
        renderedPosition: { x: made.width() / 2, y: made.height() / 2 },
      });
  }

  #resized() {
    if (!this.#drawing) return;
    this.#drawing.resize();
    this.#fit(this.#drawing);
  }
}
