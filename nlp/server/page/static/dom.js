// Makes elements. Texts are only ever set as text, so that nothing a caption holds becomes markup.

export function element(name, properties = {}, ...children) {
  const { data, aria, role, ...own } = properties;
  const made = Object.assign(document.createElement(name), own);
  if (role) made.setAttribute("role", role);
  for (const [key, value] of Object.entries(data ?? {})) made.dataset[key] = value;
  for (const [key, value] of Object.entries(aria ?? {})) made.setAttribute(`aria-${key}`, value);
  made.append(...children);
  return made;
}

export const byId = (id) => document.getElementById(id);

// Scores as the reports write them.
export const score = (value) => value.toFixed(2).replace(/^0/, "");

// Types by name: the class that has the colour, the letter, the meaning. The legend on the page is the table.
export const TYPES = new Map(
  [...byId("types").children].map((item) => [
    item.dataset.type,
    { name: item.dataset.type.toLowerCase(), css: item.dataset.class, letter: item.dataset.letter },
  ]),
);

export function badge(type) {
  const known = TYPES.get(type);
  return element("i", { className: known?.css ?? "", title: known?.name ?? type }, known?.letter ?? "?");
}

// The link of a CURIE; it opens in a new tab and tells nobody where it was followed from.
export function curieLink(reference) {
  const path = encodeURIComponent(reference.curie).replaceAll("%3A", ":").replaceAll("%2F", "/");
  return element(
    "a",
    { href: `https://bioregistry.io/${path}`, target: "_blank", rel: "noopener noreferrer" },
    reference.curie,
    element("span", { className: "unseen" }, " (opens in a new tab)"),
  );
}
