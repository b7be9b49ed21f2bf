// How the network looks: nodes in the colours of their types, edges by what they change and how.

import { byId, TYPES } from "./dom.js";
import { UNDIRECTED } from "./record.js";

export const FONT = 13;
export const HEIGHT = 30;
export const BADGE = 16;
export const PADDING = 10;
const DASHES = { expression: [7, 4], modification: [2, 4], transport: [10, 3, 2, 3] };
const HEADS = { 1: "triangle", "-1": "tee", 0: "circle" };

// Colours as the style sheet has them, of the scheme that is on.
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const own = Object.fromEntries(
    ["card", "ink", "soft", "accent", "bad"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
  const types = Object.fromEntries(
    [...TYPES].map(([type, { letter }]) => {
      const drawn = getComputedStyle(byId("types").querySelector(`[data-type="${type}"] i`));
      return [type, { fill: drawn.backgroundColor, ink: drawn.color, letter }];
    }),
  );
  return { ...own, types, font: getComputedStyle(document.body).fontFamily };
}

// The letter of a type, as an image.
function letterImage({ ink, letter }) {
  const drawn =
    `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><text x="16" y="23" text-anchor="middle" ` +
    `font-family="sans-serif" font-weight="700" font-size="21" fill="${ink}">${letter}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(drawn)}`;
}

export function styles(colour) {
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle",
        width: "data(width)",
        height: HEIGHT,
        label: "data(name)",
        "font-size": FONT,
        "font-family": colour.font,
        color: colour.ink,
        "text-valign": "center",
        "text-halign": "center",
        "text-margin-x": -BADGE / 2,
        "border-width": 1,
        "background-fit": "none",
        "background-width": BADGE,
        "background-height": BADGE,
        "background-position-x": "100%",
        "background-offset-x": -PADDING / 2,
        "background-position-y": "50%",
      },
    },
    ...Object.entries(colour.types).map(([type, own]) => ({
      selector: `node[type = "${type}"]`,
      style: { "background-color": own.fill, "border-color": own.ink, "background-image": letterImage(own) },
    })),
    {
      selector: "edge",
      style: {
        width: 2,
        "curve-style": "bezier",
        "control-point-step-size": 34,
        "line-color": colour.soft,
        "target-arrow-color": colour.soft,
        "arrow-scale": 1.15,
        "target-distance-from-node": 2,
      },
    },
    {
      selector: "edge[distances]",
      style: {
        "curve-style": "unbundled-bezier",
        "edge-distances": "node-position",
        "control-point-distances": "data(distances)",
        "control-point-weights": "data(weights)",
      },
    },
    { selector: "edge[sign = 1]", style: { "line-color": colour.accent, "target-arrow-color": colour.accent } },
    { selector: "edge[sign = -1]", style: { "line-color": colour.bad, "target-arrow-color": colour.bad } },
    ...Object.entries(HEADS).map(([sign, head]) => ({
      selector: `edge[sign = ${sign}]`,
      style: { "target-arrow-shape": head },
    })),
    { selector: "edge[sign = 0]", style: { "target-arrow-fill": "hollow" } },
    ...[...UNDIRECTED].map((type) => ({
      selector: `edge[type = "${type}"]`,
      style: { "target-arrow-shape": "none", width: 4 },
    })),
    ...Object.entries(DASHES).map(([type, pattern]) => ({
      selector: `edge[type = "${type}"]`,
      style: { "line-style": "dashed", "line-dash-pattern": pattern },
    })),
    {
      selector: "edge[?speculative]",
      style: {
        label: "?",
        "font-size": FONT,
        color: colour.ink,
        "text-background-color": colour.card,
        "text-background-opacity": 1,
        "text-background-padding": 2,
      },
    },
    { selector: ".faded", style: { opacity: 0.25 } },
    { selector: "node.lit", style: { "border-width": 3 } },
    { selector: "edge.lit", style: { width: 4 } },
    { selector: "node:active, edge:active", style: { "overlay-opacity": 0.08 } },
  ];
}
