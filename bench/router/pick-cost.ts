import { createRouter, promptFacts } from '../../packages/platform/src/router/index.ts';
import { createSeededIds, createSystemClock } from '../../packages/platform/src/time/index.ts';

const ROUNDS = 1000;

/** Prints what one decision among 8 replicas costs, with a policy that reads prefixes. */
export function printPickCost(print: (line: string) => void): void {
  for (const bytes of [1024, 16_384, 400_000]) {
    const router = createRouter({ clock: createSystemClock(), ids: createSeededIds() });
    const endpoints = Array.from({ length: 8 }, (_, index) => ({ endpoint: `e${index}`, load: () => ({ running: 0, waiting: 0 }) }));
    const prompts = Array.from({ length: 50 }, (_, index) => Buffer.alloc(bytes, `prompt ${index} `));
    const times = Array.from({ length: ROUNDS }, (_, round) => {
      const promptBytes = prompts[round % prompts.length] ?? Buffer.alloc(0);
      const startMs = performance.now();
      const facts = promptFacts({ promptBytes, value: () => ({}) });
      const { decision } = router.pickEndpoint({ requestId: 'r', traceId: 't', route: 'bench', model: 'bench', facts }, endpoints);
      const tookMs = performance.now() - startMs;
      router.observe(decision.id, { outcome: 'ok', realisedCachedTokens: decision.expectedCachedTokens });
      return tookMs;
    }).sort((left, right) => left - right);
    const at = (share: number): string => ((times[Math.floor(share * ROUNDS)] ?? 0) * 1000).toFixed(0);
    print(`one decision, ${bytes} bytes of prompt, 8 replicas: p50 ${at(0.5)} us, p99 ${at(0.99)} us`);
  }
}
