import { createServer } from 'node:http';
import { createOpenAiCompatibleEngine } from '../../packages/platform/src/engines/index.ts';
import { createGateway } from '../../packages/platform/src/gateway/index.ts';
import { createLog } from '../../packages/platform/src/telemetry/index.ts';
import { createIds, createSystemClock } from '../../packages/platform/src/time/index.ts';

/**
 * Maru's gateway whole, with every stage on; the rooms behind it are replaced by their cheapest honest form, so that the figure is the
 * gateway's own: one key, one reservation, one engine, and spans that are made and dropped.
 */
const [, , upstream = ''] = process.argv;
const clock = createSystemClock();
const engine = createOpenAiCompatibleEngine({
  endpoint: 'bench-0',
  model: 'bench',
  provider: 'openai-compatible',
  servedName: 'bench',
  baseUrl: `${upstream}/v1`,
  apiKey: 'sk-upstream',
  timeoutMs: 60_000,
});
const target = { name: 'auto', kind: 'route', simulated: false, ownedBy: 'maru', createdMs: 0, capabilities: ['chat', 'tools'] } as const;
const principal = { tenant: 'default', keyId: 'key_bench' };
const reservation = { headers: { 'x-ratelimit-limit-requests': '100000', 'x-ratelimit-remaining-requests': '99999' } };

const gateway = createGateway(
  {
    authenticator: { authenticate: () => principal },
    catalogue: { list: () => [target], find: (name) => (name === 'auto' ? target : undefined) },
    placement: {
      plan: () => {
        let left = 1;
        return {
          deadlineMs: 300_000,
          next: () => {
            left -= 1;
            return left < 0 ? undefined : { engine, model: 'bench', reason: 'the only replica', timeoutMs: 60_000 };
          },
        };
      },
      observe: () => undefined,
    },
    admission: { admit: () => reservation, settle: () => ({ costNanoUsd: 1000 }), release: () => undefined },
    tracer: { record: () => undefined },
  },
  { clock, ids: createIds(clock.nowMs), log: createLog('warn') },
);

const server = createServer((request, response) => void gateway.handle(request, response));
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

// The benchmark that started this process has ended.
process.on('disconnect', () => process.exit());
