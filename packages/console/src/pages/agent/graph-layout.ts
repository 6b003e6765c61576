import type { AgentInfo } from '@maru/api/wire';

type Graph = AgentInfo['graph'];

export interface Place {
  readonly x: number;
  readonly y: number;
}

const COLUMN_PX = 190;
const ROW_PX = 72;

/** Layers by the shortest way from the start, left to right; nodes of one layer stand below each other around the middle. */
export function layoutGraph({ nodes, edges }: Graph): ReadonlyMap<string, Place> {
  const depth = new Map<string, number>();
  const queue = nodes.filter((node) => node.kind === 'start').map((node) => node.id);
  for (const id of queue) depth.set(id, 0);
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    for (const edge of edges) {
      if (edge.from !== id || depth.has(edge.to)) continue;
      depth.set(edge.to, (depth.get(id) ?? 0) + 1);
      queue.push(edge.to);
    }
  }
  const deepest = Math.max(0, ...depth.values());
  const layers = new Map<number, string[]>();
  for (const node of nodes) {
    const layer = node.kind === 'end' ? Math.max(deepest, 1) : (depth.get(node.id) ?? deepest);
    layers.set(layer, [...(layers.get(layer) ?? []), node.id]);
  }
  const places = new Map<string, Place>();
  for (const [layer, ids] of layers) {
    for (const [index, id] of ids.entries()) places.set(id, { x: layer * COLUMN_PX, y: (index - (ids.length - 1) / 2) * ROW_PX });
  }
  return places;
}
