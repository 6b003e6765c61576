import type { Clock } from '#time';
import type { ColdStart } from './fleet-options.ts';

/** A machine that holds replicas. */
export interface Node {
  readonly number: number;
  /** When it has joined and read the image. */
  readonly readyMs: number;
  replicas: number;
  /** Takes no further replica: it is leaving. */
  closed: boolean;
}

/** The machines of a fleet: they are had when a replica needs room, and given back when they are empty. */
export interface Nodes {
  /** Takes a place for a replica; a new node is had where none has room. `startMs` is how long the replica needs to be ready. */
  take(): { readonly node: Node; readonly startMs: number };
  /** Gives a place back. */
  leave(node: Node): void;
  /** The node is gone at once. */
  lose(node: Node): void;
  /** Those that there are, and that are to come. */
  count(): number;
  /** Of all nodes together, up to a time. */
  hours(untilMs: number): number;
}

export interface NodesOptions {
  readonly clock: Clock;
  readonly coldStart: ColdStart;
  readonly replicasPerNode: number;
  readonly emptyNodeMs: number;
  readonly onNew: (node: Node) => void;
  /** A node is gone. */
  readonly onEnd: () => void;
}

export function createNodes(options: NodesOptions): Nodes {
  const { clock, coldStart, replicasPerNode, emptyNodeMs } = options;
  const open = new Map<Node, number>();
  let made = 0;
  let pastMs = 0;

  const make = (): Node => {
    const nowMs = clock.monotonicMs();
    // The fleet that a trace begins with stands already.
    const node: Node = { number: made, readyMs: nowMs === 0 ? 0 : nowMs + coldStart.nodeMs + coldStart.imageMs, replicas: 0, closed: false };
    made += 1;
    open.set(node, nowMs);
    options.onNew(node);
    return node;
  };
  const end = (node: Node): void => {
    const fromMs = open.get(node);
    if (fromMs === undefined) return;
    open.delete(node);
    node.closed = true;
    pastMs += clock.monotonicMs() - fromMs;
    options.onEnd();
  };

  return {
    take: () => {
      const [known] = [...open.keys()]
        .filter((each) => !each.closed && each.replicas < replicasPerNode)
        .sort((left, right) => right.replicas - left.replicas || left.readyMs - right.readyMs);
      const node = known ?? make();
      node.replicas += 1;
      return { node, startMs: Math.max(0, node.readyMs - clock.monotonicMs()) + coldStart.weightsMs };
    },
    leave: (node) => {
      node.replicas -= 1;
      if (node.replicas > 0) return;
      if (node.closed) end(node);
      else
        clock.schedule(emptyNodeMs, () => {
          if (node.replicas === 0) end(node);
        });
    },
    lose: end,
    count: () => open.size,
    hours: (untilMs) => [...open.values()].reduce((sum, fromMs) => sum + Math.max(0, untilMs - fromMs), pastMs) / 3_600_000,
  };
}
