// Captions in files: PFOCR's pages, which are Markdown with YAML in front, and plain text.

import { Problem } from "./server.js";

const LARGEST = 5_000_000;
const FRONT_MATTER = /^---[ \t]*\r?\n([^]*?)^(?:---|\.\.\.)[ \t]*\r?$/m;

// A caption as the server takes it: its text, and the titles that a page has beside it.
export async function captionOf(file) {
  if (file.size > LARGEST) throw new Problem(`${file.name} is too large to be a caption.`);
  const content = new TextDecoder().decode(await file.arrayBuffer());
  if (content.includes("\0")) throw new Problem(`${file.name} is not a text file.`);
  const isPage = /\.(md|markdown)$/i.test(file.name) && content.startsWith("---");
  const caption = isPage ? await captionOfPage(content, file.name) : { text: content };
  if (!caption.text.trim()) throw new Problem(`${file.name} holds no caption.`);
  return caption;
}

async function captionOfPage(content, name) {
  const fields = (await yaml())(content.match(FRONT_MATTER)?.[1] ?? "", name);
  const text = fields?.caption;
  if (typeof text !== "string") throw new Problem(`${name} has no caption in its front matter.`);
  return { text, ...titled("title", fields.figtitle), ...titled("paper_title", fields.papertitle) };
}

// "NA" is how PFOCR says that there is none.
const titled = (name, title) => (typeof title === "string" && title && title !== "NA" ? { [name]: title } : {});

// Reads YAML with every scalar as the string it was: "NO" is nitric oxide. The library is loaded when it is needed.
async function yaml() {
  const library = await import("./js-yaml.esm.min.mjs").catch(() => {
    throw new Problem(
      "PFOCR's pages cannot be opened here: js-yaml did not come with this installation. Paste the caption.",
    );
  });
  return (text, name) => {
    try {
      return library.load(text, { schema: library.FAILSAFE_SCHEMA });
    } catch (error) {
      throw new Problem(`The front matter of ${name} is not YAML: ${error.reason ?? error.message}.`);
    }
  };
}
