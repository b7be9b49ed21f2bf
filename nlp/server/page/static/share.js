// Links, copies and downloads of what is shown.

import { element } from "./dom.js";

const KINDS = {
  json: ["application/json", "json"],
  bel: ["text/plain", "bel"],
  sif: ["text/plain", "sif"],
  cx2: ["application/json", "cx2"],
};

const TITLES = ["title", "paper_title"];

// The caption and its titles stand in the fragment of a link, which browsers keep to themselves.
export function toFragment({ text, ...titles }, least) {
  const parts = new URLSearchParams({ caption: text, ...titles });
  for (const [name, value] of Object.entries(least)) if (value > 0) parts.set(name, value.toFixed(2));
  return `#${parts}`;
}

export function fromFragment(fragment) {
  const parts = new URLSearchParams(fragment.slice(1));
  const text = parts.get("caption");
  const number = (name) => Math.max(0, Math.min(1, Number.parseFloat(parts.get(name)) || 0));
  const titles = Object.fromEntries(TITLES.filter((name) => parts.get(name)).map((name) => [name, parts.get(name)]));
  const least = { mentions: number("mentions"), relations: number("relations") };
  return text ? { caption: { text, ...titles }, least } : null;
}

export function download(text, format) {
  const [type, suffix] = KINDS[format];
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = element("a", { href: address, download: `caption.${suffix}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure connection there is no clipboard but the old one.
    const box = element("textarea", { value: text, className: "unseen" });
    const before = document.activeElement;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    before?.focus();
    return done;
  }
}
