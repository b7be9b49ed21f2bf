// Places the nodes of a network in layers, sources first, as pathways are drawn (Sugiyama et al. 1981): edges that
// close a cycle are turned, layers are longest paths, and within layers nodes go where their neighbours are.

const SWEEPS = 8;

// Centres of nodes by id, and for edges that pass layers, as "source\ntarget", the points where they should bend.
// ``size`` gives a node's [width, height]; ``down`` puts layers below each other, else they stand side by side.
export function layered({ nodes, edges }, size, { down = false, gap = 28, layerGap = 78 } = {}) {
  const points = new Map();
  const bends = new Map();
  const sized = (id) => {
    const [width, height] = size(id) ?? [0, 0];
    return down ? [height, width] : [width, height];
  };
  let offset = 0;
  // What hangs together is placed together, one part after another, the largest first.
  for (const part of parts(nodes, edges)) {
    const { arcs, layerOf } = rank(part.nodes, part.edges);
    const { layers, links, passes } = withBends(part.nodes, arcs, layerOf);
    order(layers, links);
    const places = place(layers, links, sized, gap, layerGap);
    const sides = [...places].map(([id, { across }]) => [across - sized(id)[1] / 2, across + sized(id)[1] / 2]);
    const shift = offset - Math.min(...sides.map(([low]) => low));
    offset += Math.max(...sides.map(([, high]) => high)) - Math.min(...sides.map(([low]) => low)) + gap;
    const point = (id) => {
      const { along, across } = places.get(id);
      return down ? { x: across + shift, y: along } : { x: along, y: across + shift };
    };
    for (const { id } of part.nodes) points.set(id, point(id));
    for (const [from, to, between] of passes) {
      bends.set(`${from}\n${to}`, between.map(point));
      bends.set(`${to}\n${from}`, between.map(point).reverse());
    }
  }
  return { points, bends };
}

function parts(nodes, edges) {
  const near = new Map(nodes.map((node) => [node.id, []]));
  for (const { source, target } of edges) {
    near.get(source).push(target);
    near.get(target).push(source);
  }
  const part = new Map();
  const reach = (id, own) => {
    if (part.has(id)) return;
    part.set(id, own);
    for (const one of near.get(id)) reach(one, own);
  };
  for (const { id } of nodes) reach(id, id);
  return [...new Set(part.values())]
    .map((own) => ({
      nodes: nodes.filter((node) => part.get(node.id) === own),
      edges: edges.filter((edge) => part.get(edge.source) === own),
    }))
    .sort((a, b) => b.nodes.length - a.nodes.length);
}

function rank(nodes, edges) {
  const out = new Map(nodes.map((node) => [node.id, new Set()]));
  for (const { source, target } of edges) if (source !== target) out.get(source).add(target);
  // Depth first; an edge back to a node that is still open closes a cycle.
  const state = new Map();
  const arcs = [];
  const known = new Set();
  const add = (from, to) => {
    if (!known.has(`${from}\n${to}`)) arcs.push([from, to]);
    known.add(`${from}\n${to}`);
  };
  const visit = (id) => {
    state.set(id, "open");
    for (const to of out.get(id)) {
      if (state.get(to) === "open") add(to, id);
      else {
        add(id, to);
        if (!state.has(to)) visit(to);
      }
    }
    state.set(id, "done");
  };
  const entered = new Set([...out.values()].flatMap((targets) => [...targets]));
  const starts = [...nodes.filter((node) => !entered.has(node.id)), ...nodes];
  for (const { id } of starts) if (!state.has(id)) visit(id);
  const layerOf = new Map(nodes.map((node) => [node.id, 0]));
  for (let changed = true; changed;) {
    changed = false;
    for (const [from, to] of arcs) {
      if (layerOf.get(to) <= layerOf.get(from)) {
        layerOf.set(to, layerOf.get(from) + 1);
        changed = true;
      }
    }
  }
  // A source stands just before the first of its targets.
  for (const { id } of nodes) {
    const targets = arcs.filter(([from]) => from === id).map(([, to]) => layerOf.get(to));
    if (targets.length && !arcs.some(([, to]) => to === id)) layerOf.set(id, Math.min(...targets) - 1);
  }
  return { arcs, layerOf };
}

// Layers of ids. An edge that passes layers has a bend in each of them, so that room is left for it.
function withBends(nodes, arcs, layerOf) {
  const layers = [];
  const put = (id, layer) => (layers[layer] ??= []).push(id);
  for (const { id } of nodes) put(id, layerOf.get(id));
  const links = new Map();
  const link = (a, b) => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ])
      links.set(one, [...(links.get(one) ?? []), other]);
  };
  const passes = [];
  for (const [from, to] of arcs) {
    const between = [];
    let last = from;
    for (let layer = layerOf.get(from) + 1; layer < layerOf.get(to); layer += 1) {
      const bend = `${from}\n${to}\n${layer}`;
      put(bend, layer);
      link(last, bend);
      between.push(bend);
      last = bend;
    }
    link(last, to);
    if (between.length) passes.push([from, to, between]);
  }
  return { layers, links, passes };
}

function order(layers, links) {
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forth = sweep % 2 === 0;
    const turn = forth ? layers.keys() : [...layers.keys()].reverse();
    for (const layer of turn) {
      const beside = layers[layer + (forth ? -1 : 1)];
      if (!beside) continue;
      const places = new Map(beside.map((id, at) => [id, at]));
      const wanted = new Map(
        layers[layer].map((id, at) => {
          const known = (links.get(id) ?? []).map((one) => places.get(one)).filter((one) => one !== undefined);
          return [id, known.length ? known.reduce((a, b) => a + b) / known.length : at];
        }),
      );
      layers[layer].sort((a, b) => wanted.get(a) - wanted.get(b));
    }
  }
}

function place(layers, links, size, gap, layerGap) {
  const across = new Map();
  const thick = (id) => size(id)[1];
  for (const layer of layers) {
    let at = 0;
    for (const id of layer) {
      across.set(id, at + thick(id) / 2);
      at += thick(id) + gap;
    }
    const middle = (at - gap) / 2;
    for (const id of layer) across.set(id, across.get(id) - middle);
  }
  // Drawn towards their neighbours, as far as those beside them in the layer leave room.
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const layer of sweep % 2 ? [...layers].reverse() : layers) {
      const wanted = layer.map((id) => {
        const near = (links.get(id) ?? []).map((one) => across.get(one));
        return near.length ? near.reduce((a, b) => a + b) / near.length : across.get(id);
      });
      spread(layer, wanted, thick, gap).forEach((at, index) => across.set(layer[index], at));
    }
  }
  const points = new Map();
  let along = 0;
  for (const layer of layers) {
    const depth = Math.max(...layer.map((id) => size(id)[0]), 0);
    for (const id of layer) points.set(id, { along: along + depth / 2, across: across.get(id) });
    along += depth + layerGap;
  }
  return points;
}

// Places near those wanted that keep order and distance: what is too close is pushed apart.
function spread(layer, wanted, thick, gap) {
  const groups = [];
  layer.forEach((id, index) => {
    let offset = 0;
    let group = { ids: [id], offsets: [0], sum: wanted[index], length: 0 };
    while (groups.length) {
      const before = groups.at(-1);
      const distance = (thick(before.ids.at(-1)) + thick(group.ids[0])) / 2 + gap;
      const start = (one) => one.sum / one.ids.length;
      if (start(before) + before.length + distance <= start(group)) break;
      offset = before.length + distance;
      const ids = [...before.ids, ...group.ids];
      group = {
        ids,
        offsets: [...before.offsets, ...group.offsets.map((one) => one + offset)],
        sum: before.sum + group.sum - offset * group.ids.length,
        length: offset + group.length,
      };
      groups.pop();
    }
    groups.push(group);
  });
  return groups.flatMap((group) => group.offsets.map((offset) => group.sum / group.ids.length + offset));
}
