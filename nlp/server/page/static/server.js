// Asks the server, and puts into words what may go wrong. Addresses are relative, so that the page may lie in a folder.

const TOKEN = "pathcap token";

export class Problem extends Error {
  constructor(words, { status = 0, wait = 0 } = {}) {
    super(words);
    this.status = status;
    this.wait = wait;
  }
}

export const setToken = (token) => sessionStorage.setItem(TOKEN, token);

// A caption is its text, and a title and paper_title if it has them: what they name helps to tell what is meant.
export async function annotate(caption, signal) {
  return (await post("annotate", caption, signal)).json();
}

export async function convert(record, format, signal) {
  return (await post("convert", { documents: [record], format }, signal)).text();
}

async function post(path, content, signal) {
  const token = sessionStorage.getItem(TOKEN);
  const body = JSON.stringify(content);
  const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  let answer;
  try {
    answer = await fetch(path, { method: "POST", body, headers, signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(
      navigator.onLine === false
        ? "You are offline. Connect to the network, then try again."
        : "The server cannot be reached. It may have been stopped; try again when it runs.",
    );
  }
  if (!answer.ok) throw await problem(answer, token);
  return answer;
}

async function problem(answer, token) {
  // What stands between the page and the server may answer in another way.
  const parsed = await answer.json().catch(() => ({}));
  const wait = Number.parseInt(answer.headers.get("Retry-After"), 10) || 0;
  return new Problem(words(answer.status, parsed, wait, token), { status: answer.status, wait });
}

function sentence(said) {
  const text = typeof said === "string" ? said.trim() : "";
  return text && `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

function words(status, { detail, fields }, wait, token) {
  const again = wait ? `Try again in ${wait} second${wait === 1 ? "" : "s"}.` : "Try again in a moment.";
  const said = sentence(detail);
  const where = (fields ?? []).map((one) => `${one.field}: ${one.message}.`).join(" ");
  const known = {
    401: token ? "The token is not the one of this server." : "This server asks for a token.",
    408: "Sending the caption took too long. Try again.",
    413: `This is too long for the server. ${said}`,
    422: `The server cannot read this. ${where || said}`,
    429: `The server is busy. ${again}`,
    503: `The server is not ready. ${again}`,
    504: "The server took too long and gave up. Try a shorter caption, or try again later.",
  };
  return (known[status] ?? `The server answered with an error (${status}). ${said}`).trim();
}
