// The caption with its mentions marked, and the card that says what a mention refers to.

import { badge, curieLink, element, score, TYPES } from "./dom.js";

const SHOWN = 5;

// Pieces of the text that lie under the same mentions and triggers. Offsets count code points.
function pieces(record) {
  const triggers = record.relations
    .filter((relation) => relation.trigger)
    .map((relation) => ({ start: relation.trigger.start, end: relation.trigger.end, relation: relation.id }));
  const letters = [...record.text];
  const marks = [...record.mentions, ...triggers];
  const bounds = [...new Set([0, letters.length, ...marks.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  return bounds.slice(0, -1).map((start, place) => {
    const end = bounds[place + 1];
    const over = (mark) => mark.start < end && start < mark.end;
    return {
      text: letters.slice(start, end).join(""),
      end,
      mentions: record.mentions.filter(over).sort((a, b) => a.end - a.start - (b.end - b.start)),
      relations: triggers.filter(over).map((trigger) => trigger.relation),
    };
  });
}

function card(mentions) {
  return element(
    "div",
    { className: "card", role: "group", aria: { label: `References of ${mentions[0].text}` } },
    ...mentions.flatMap((mention) => {
      const type = TYPES.get(mention.type);
      const head = element(
        "p",
        { className: "card-head" },
        badge(mention.type),
        " ",
        element("strong", {}, mention.text),
        " ",
        element("small", {}, `${type?.name ?? mention.type}, scored ${score(mention.score)}`),
      );
      const list = element(
        "ol",
        {},
        ...mention.references
          .slice(0, SHOWN)
          .map((reference) =>
            element(
              "li",
              {},
              curieLink(reference),
              ` ${reference.name} `,
              element("small", {}, score(reference.score)),
            ),
          ),
      );
      return [
        head,
        mention.references.length ? list : element("p", { className: "none" }, "No identifier is known for it."),
      ];
    }),
  );
}

export class CaptionText {
  #box;
  #marks = [];
  #open = null;
  #card = null;
  #pinned = false;
  #quiet = false;
  #opening = 0;
  #closing = 0;
  #chosen;

  // ``chosen`` is called with the mentions under the mark that is pointed at, or none.
  constructor(box, chosen) {
    this.#box = box;
    this.#chosen = chosen;
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("focusout", (event) => {
      if (!box.contains(event.relatedTarget)) this.close();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!box.contains(event.target)) this.close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    addEventListener("resize", () => this.close());
  }

  draw(record) {
    this.close();
    this.#marks = [];
    this.#box.replaceChildren(...pieces(record).map((piece) => this.#piece(piece)));
    if (this.#marks.length) this.#marks[0].tabIndex = 0;
  }

  // Light the marks of these mentions and the triggers of these relations.
  light(mentions, relations) {
    for (const piece of this.#box.children) {
      const own = (name, wanted) => (piece.dataset[name] ?? "").split(" ").some((id) => wanted.has(id));
      piece.classList.toggle("lit", own("mentions", mentions) || own("relations", relations));
    }
  }

  show(mentions) {
    const mark = this.#marks.find((one) => one.dataset.mentions.split(" ").some((id) => mentions.has(id)));
    mark?.scrollIntoView({ block: "nearest" });
  }

  close() {
    clearTimeout(this.#opening);
    clearTimeout(this.#closing);
    if (!this.#open) return;
    const [mark, card] = [this.#open, this.#card];
    this.#open = this.#card = null;
    this.#pinned = false;
    mark.setAttribute("aria-expanded", "false");
    const focused = card.contains(document.activeElement);
    card.remove();
    if (focused) {
      // Back to where it was opened, without opening it again.
      this.#quiet = true;
      mark.focus({ preventScroll: true });
      this.#quiet = false;
    }
    this.#chosen([]);
  }

  #piece(piece) {
    if (!piece.mentions.length && !piece.relations.length) return element("span", {}, piece.text);
    const data = { relations: piece.relations.join(" ") };
    if (!piece.mentions.length) return element("span", { className: "trigger", data }, piece.text);
    const [shortest] = piece.mentions;
    const type = TYPES.get(shortest.type);
    const ends = piece.mentions.filter((mention) => mention.end === piece.end);
    const letters = ends.map((mention) => TYPES.get(mention.type)?.letter ?? "?").join(" ");
    const mark = element(
      "mark",
      {
        className: type?.css ?? "",
        tabIndex: -1,
        role: "button",
        data: {
          ...data,
          mentions: piece.mentions.map((mention) => mention.id).join(" "),
          ...(letters && { t: letters }),
        },
        aria: { expanded: "false", label: `${piece.text}, ${type?.name ?? shortest.type}` },
      },
      piece.text,
    );
    const open = (pinned) => this.#show(mark, piece.mentions, pinned);
    mark.addEventListener("focus", () => this.#quiet || open(true));
    mark.addEventListener("click", () => {
      mark.focus();
      open(true);
    });
    mark.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "mouse" || this.#open === mark) return;
      // Not for a pointer that only passes.
      this.#opening = setTimeout(() => open(false), 100);
    });
    mark.addEventListener("pointerleave", () => this.#leave());
    this.#marks.push(mark);
    return mark;
  }

  // Pointing shows a card until the pointer leaves; focus keeps it.
  #leave() {
    clearTimeout(this.#opening);
    clearTimeout(this.#closing);
    if (!this.#pinned) this.#closing = setTimeout(() => this.close(), 250);
  }

  #show(mark, mentions, pinned) {
    clearTimeout(this.#opening);
    clearTimeout(this.#closing);
    if (this.#open !== mark) {
      this.close();
      this.#open = mark;
      this.#card = card(mentions);
      this.#card.addEventListener("pointerenter", () => clearTimeout(this.#closing));
      this.#card.addEventListener("pointerleave", () => this.#leave());
      mark.setAttribute("aria-expanded", "true");
      mark.after(this.#card);
      this.#place();
      this.#chosen(mentions);
    }
    this.#pinned = pinned;
    for (const one of this.#marks) one.tabIndex = one === mark ? 0 : -1;
  }

  #place() {
    const box = this.#box.getBoundingClientRect();
    const line = [...this.#open.getClientRects()].at(-1);
    const widest = this.#box.clientWidth - this.#card.offsetWidth - 8;
    this.#card.style.left = `${Math.max(8, Math.min(line.left - box.left, widest))}px`;
    this.#card.style.top = `${line.bottom - box.top}px`;
  }

  #key(event) {
    const place = this.#marks.indexOf(document.activeElement);
    if (place < 0) return;
    const last = this.#marks.length - 1;
    const to = {
      ArrowRight: place + 1,
      ArrowDown: place + 1,
      ArrowLeft: place - 1,
      ArrowUp: place - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) this.#marks[Math.max(0, Math.min(to, last))].focus();
    else if (event.key === "Enter" || event.key === " ") this.#card?.querySelector("a")?.focus();
    else return;
    event.preventDefault();
  }
}
