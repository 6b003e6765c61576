import type { AgentInfo } from '@maru/api/wire';

type Graph = AgentInfo['graph'];

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A line between two nodes; `both` where the work comes back the same way. */
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly label: string | undefined;
  readonly way: 'forward' | 'back' | 'aside';
  readonly both: boolean;
}

const COLUMN_PX = 176;
const ASIDE_PX = 176;
/** Start and end are lower than the steps, and stand on the same middle line. */
const END_DROP_PX = 6;
const ASIDE_DROP_PX = 120;

/** Layer of each node on the main line: the shortest way from the start, the end last. Tools are not on it. */
function mainLayers({ nodes, edges }: Graph): ReadonlyMap<string, number> {
  const main = new Set(nodes.filter((node) => node.kind !== 'tool').map((node) => node.id));
  const layers = new Map<string, number>();
  const queue = nodes.filter((node) => node.kind === 'start').map((node) => node.id);
  for (const id of queue) layers.set(id, 0);
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    for (const edge of edges) {
      if (edge.from !== id || !main.has(edge.to) || layers.has(edge.to)) continue;
      layers.set(edge.to, (layers.get(id) ?? 0) + 1);
      queue.push(edge.to);
    }
  }
  for (const id of main) if (!layers.has(id)) layers.set(id, Math.max(0, ...layers.values()) + 1);
  const last = Math.max(0, ...nodes.filter((node) => node.kind !== 'end').map((node) => layers.get(node.id) ?? 0)) + 1;
  for (const node of nodes) if (node.kind === 'end') layers.set(node.id, last);
  return layers;
}

/** Steps from left to right on one line; tools hang below the step that calls them. */
export function layoutGraph(graph: Graph): ReadonlyMap<string, Place> {
  const layers = mainLayers(graph);
  const places = new Map<string, Place>();
  const taken = new Map<number, number>();
  for (const [id, layer] of layers) {
    const row = taken.get(layer) ?? 0;
    taken.set(layer, row + 1);
    const kind = graph.nodes.find((node) => node.id === id)?.kind;
    places.set(id, { x: layer * COLUMN_PX, y: row * -72 + (kind === 'start' || kind === 'end' ? END_DROP_PX : 0) });
  }
  const tools = graph.nodes.filter((node) => node.kind === 'tool');
  const callers = Map.groupBy(tools, (tool) => graph.edges.find((edge) => edge.to === tool.id)?.from ?? '');
  for (const [caller, called] of callers) {
    const centre = places.get(caller)?.x ?? 0;
    for (const [index, tool] of called.entries()) places.set(tool.id, { x: centre + (index - (called.length - 1) / 2) * ASIDE_PX, y: ASIDE_DROP_PX });
  }
  return places;
}

/** Lines of a graph; two that join the same nodes in both directions become one. */
export function graphLines(graph: Graph, places: ReadonlyMap<string, Place>): readonly Line[] {
  const tools = new Set(graph.nodes.filter((node) => node.kind === 'tool').map((node) => node.id));
  const has = (from: string, to: string): boolean => graph.edges.some((edge) => edge.from === from && edge.to === to);
  return graph.edges.flatMap((edge): Line[] => {
    const aside = tools.has(edge.from) || tools.has(edge.to);
    const both = has(edge.to, edge.from);
    if (both && aside && tools.has(edge.from)) return [];
    const back = (places.get(edge.to)?.x ?? 0) <= (places.get(edge.from)?.x ?? 0);
    return [{ from: edge.from, to: edge.to, label: edge.label, way: aside ? 'aside' : back ? 'back' : 'forward', both: both && aside }];
  });
}
