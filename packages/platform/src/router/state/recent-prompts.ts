import { LiveMap } from '#memory';

/** The prompt of a decision as the prefix index sees it: hashes of its blocks, never its text. */
export interface RecentPrompt {
  readonly decisionId: string;
  readonly session: string | undefined;
  readonly model: string;
  readonly atMs: number;
  readonly promptTokens: number;
  readonly hashes: ArrayLike<number>;
}

/** The prompts of the last decisions that looked at them, in memory and bounded. */
export interface RecentPrompts {
  put(prompt: RecentPrompt): void;
  /** Undefined where the decision looked at no prompt, or is forgotten. */
  ofDecision(id: string): RecentPrompt | undefined;
  /** The last prompt of each session, newest first. */
  sessions(): readonly RecentPrompt[];
}

export interface RecentPromptsOptions {
  readonly maxPrompts: number;
  /** Of all prompts together; eight bytes each. */
  readonly maxHashes: number;
}

/** Keeps the newest prompts; one of more hashes than all may have is not kept. */
export function createRecentPrompts({ maxPrompts, maxHashes }: RecentPromptsOptions): RecentPrompts {
  const prompts = new LiveMap<string, RecentPrompt>();
  let hashes = 0;

  const dropOldest = (): void => {
    hashes -= prompts.take(prompts.first ?? '')?.hashes.length ?? 0;
  };

  return {
    put(prompt) {
      if (prompt.hashes.length > maxHashes) return;
      prompts.set(prompt.decisionId, prompt);
      hashes += prompt.hashes.length;
      while (prompts.size > maxPrompts || hashes > maxHashes) dropOldest();
    },
    ofDecision: (id) => prompts.get(id),
    sessions: () => {
      const last = new Map<string, RecentPrompt>();
      for (const [, prompt] of [...prompts].reverse()) if (prompt.session !== undefined && !last.has(prompt.session)) last.set(prompt.session, prompt);
      return [...last.values()];
    },
  };
}
