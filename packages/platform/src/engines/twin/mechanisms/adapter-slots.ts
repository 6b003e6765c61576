/** The LoRA adapters that the engine can serve in one step. */
export interface AdapterSlots {
  readonly max: number;
  /** Adapters with a running sequence. */
  running(): readonly string[];
  /** Whether a sequence of this adapter may run now: it lies in a slot, or one of them is free or idle. */
  admits(adapter: string): boolean;
  /** A sequence of it runs; gives the time that loading it takes, 0 where it lies in a slot. */
  enter(adapter: string): number;
  /** A sequence of it runs no more; the adapter stays until its slot is needed. */
  leave(adapter: string): void;
  /** Adapters brought into a slot so far. */
  readonly loads: number;
}

export function createAdapterSlots({ maxLoras, loadMs }: { readonly maxLoras: number; readonly loadMs: number }): AdapterSlots {
  /** Running sequences per adapter in a slot, the least recently used first. */
  const slots = new Map<string, number>();
  let loads = 0;
  const idle = (): string | undefined => {
    for (const [adapter, count] of slots) if (count === 0) return adapter;
    return undefined;
  };
  return {
    max: maxLoras,
    get loads() {
      return loads;
    },
    running: () => [...slots].filter(([, count]) => count > 0).map(([adapter]) => adapter),
    admits: (adapter) => slots.has(adapter) || slots.size < maxLoras || idle() !== undefined,
    enter: (adapter) => {
      const count = slots.get(adapter);
      slots.delete(adapter);
      if (count === undefined && slots.size >= maxLoras) slots.delete(idle() ?? '');
      slots.set(adapter, (count ?? 0) + 1);
      if (count !== undefined) return 0;
      loads += 1;
      return loadMs;
    },
    leave: (adapter) => void slots.set(adapter, Math.max(0, (slots.get(adapter) ?? 1) - 1)),
  };
}
