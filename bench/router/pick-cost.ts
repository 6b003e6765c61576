import { createRouter, POLICIES, promptFacts } from '../../packages/platform/src/router/index.ts';
import { createSeededIds, createSystemClock } from '../../packages/platform/src/time/index.ts';

const PROMPTS = 20;
const BYTES_PER_TOKEN = 4;

/** Prints what one decision costs, hashing of the prompt included: the median in microseconds per policy, endpoints and prompt tokens. */
export function printPickCost(print: (line: string) => void): void {
  const sizes = [8000, 100_000].flatMap((tokens) => [10, 100, 1000].map((endpoints) => ({ tokens, endpoints })));
  print('us per decision, median');
  print(
    row(
      'policy',
      sizes.map(({ tokens, endpoints }) => `${tokens / 1000}k/${endpoints}`),
    ),
  );
  for (const policy of POLICIES)
    print(
      row(
        policy,
        sizes.map((size) => medianUs(policy, size).toFixed(0)),
      ),
    );
}

function medianUs(policy: string, size: { readonly tokens: number; readonly endpoints: number }): number {
  const router = createRouter({ clock: createSystemClock(), ids: createSeededIds(), maxIndexBlocks: 40_000_000 });
  const endpoints = Array.from({ length: size.endpoints }, (_, index) => ({ endpoint: `e${index}`, load: () => ({ running: 0, waiting: 0 }) }));
  const prompts = Array.from({ length: PROMPTS }, (_, index) => Buffer.alloc(size.tokens * BYTES_PER_TOKEN, `prompt ${index} `));
  const rounds = size.endpoints >= 1000 ? 60 : 200;
  const times = Array.from({ length: rounds }, (_, round) => {
    const promptBytes = prompts[round % PROMPTS] ?? Buffer.alloc(0);
    const startMs = performance.now();
    const facts = promptFacts({ promptBytes, value: () => ({}) });
    const { decision } = router.pickEndpoint({ requestId: 'r', traceId: 't', route: 'bench', model: 'bench', policy, facts }, endpoints);
    const tookMs = performance.now() - startMs;
    router.observe(decision.id, { outcome: 'ok', realisedCachedTokens: decision.expectedCachedTokens });
    return tookMs;
  }).sort((left, right) => left - right);
  return (times[Math.floor(rounds / 2)] ?? 0) * 1000;
}

const row = (name: string, cells: readonly string[]): string => name.padEnd(20) + cells.map((cell) => cell.padStart(12)).join('');
