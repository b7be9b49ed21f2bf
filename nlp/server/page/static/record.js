// What a record says: filtered by scores, and as a network.

// The part of a record that is scored well enough. An edge needs both of its mentions.
export function filtered(record, least) {
  const mentions = record.mentions.filter((mention) => mention.score >= least.mentions);
  const kept = new Set(mentions.map((mention) => mention.id));
  return {
    ...record,
    mentions,
    relations: record.relations.filter(
      (relation) => relation.score >= least.relations && kept.has(relation.source) && kept.has(relation.target),
    ),
    keywords: record.keywords
      .map((keyword) => ({ ...keyword, mentions: keyword.mentions.filter((id) => kept.has(id)) }))
      .filter((keyword) => keyword.mentions.length),
  };
}

export const mentionsById = (record) => new Map(record.mentions.map((mention) => [mention.id, mention]));

// Mentions of one thing are those with the same best reference, or else with the same name and type.
export function nodeId(mention) {
  return mention.references[0]?.curie ?? `${mention.type}/${mention.text.toLowerCase()}`;
}

export const UNDIRECTED = new Set(["binding"]);
export const signMark = (sign) => ({ 1: "+", "-1": "−", 0: "" })[sign];

// Nodes and edges. What is negated is no edge; what is said several times is one.
export function network(record) {
  const mentions = mentionsById(record);
  const nodes = new Map();
  const edges = new Map();
  const node = (mention) => {
    const id = nodeId(mention);
    if (!nodes.has(id)) {
      const all = record.mentions.filter((one) => nodeId(one) === id);
      nodes.set(id, { id, name: shortest(all), type: mention.type, mentions: all });
    }
    return id;
  };
  for (const relation of record.relations) {
    if (relation.negated) continue;
    let ends = [node(mentions.get(relation.source)), node(mentions.get(relation.target))];
    if (UNDIRECTED.has(relation.type)) ends = ends.sort();
    const id = JSON.stringify([...ends, relation.type, relation.sign]);
    const edge = edges.get(id) ?? {
      id,
      source: ends[0],
      target: ends[1],
      type: relation.type,
      sign: relation.sign,
      relations: [],
    };
    edge.relations.push(relation);
    edges.set(id, edge);
  }
  for (const edge of edges.values()) edge.speculative = edge.relations.every((relation) => relation.speculative);
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

// A node is called as the caption calls it: by its most frequent name, of several the shortest.
function shortest(mentions) {
  const counts = new Map();
  for (const mention of mentions) counts.set(mention.text, (counts.get(mention.text) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || a.length - b.length)[0][0];
}

const VERBS = {
  activation: { 1: "activates", "-1": "inhibits", 0: "affects" },
  expression: { 1: "raises the amount of", "-1": "lowers the amount of", 0: "changes the amount of" },
  modification: { 1: "modifies", "-1": "takes a modification off", 0: "changes the modification of" },
  binding: { 1: "binds", "-1": "prevents binding of", 0: "binds" },
  transport: { 1: "promotes transport of", "-1": "hinders transport of", 0: "moves" },
};

export const verb = (edge) => VERBS[edge.type]?.[edge.sign] ?? `${edge.type} ${signMark(edge.sign)}`;
