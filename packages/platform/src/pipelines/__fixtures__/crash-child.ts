import { appendFileSync } from 'node:fs';
import type { KyselyPlugin } from 'kysely';
import { migrateStore, openStore } from '#store';
import { silentLog } from '#telemetry';
import { createIds, createSystemClock } from '#time';
import { createPipelines } from '../create-pipelines.ts';
import { evaluate, gate, ingest, makePipeline, publish } from './test-kit.ts';

/** Runs one pipeline and kills itself before the statement or the effect with the number `killAt`. */
const [path = '', effects = '', killAt = '0'] = process.argv.slice(2);
let moment = 0;
const maybeDie = (): void => {
  moment += 1;
  if (moment === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};
const plugin: KyselyPlugin = {
  transformQuery: ({ node }) => {
    maybeDie();
    return node;
  },
  transformResult: ({ result }) => Promise.resolve(result),
};
const effect = (name: string): void => {
  maybeDie();
  appendFileSync(effects, `${name}\n`);
  maybeDie();
};

const opened = await openStore({ url: path });
await migrateStore(opened);
const store = { ...opened, db: opened.db.withPlugin(plugin) };
const clock = createSystemClock();
const pipelines = createPipelines({
  store,
  clock,
  ids: createIds(() => clock.nowMs()),
  log: silentLog,
  leaseTtlMs: 5_000,
  ports: {
    ingest: {
      ingest: (name) => {
        effect(`ingest-${name}`);
        return Promise.resolve({ documents: 1 });
      },
    },
    evaluate: {
      evaluate: () => {
        effect('evaluate');
        return Promise.resolve({ runId: 'eval_1', means: { hit: 0.9 } });
      },
    },
    routes: {
      publish: (route) => {
        effect(`publish-${route.name}`);
        return Promise.resolve();
      },
    },
    spans: { record: () => undefined },
  },
});

await pipelines.resume({ takeOver: true });
const known = (await pipelines.list()).items[0];
const steps = [ingest('a'), ingest('b'), evaluate('measure', ['a', 'b']), gate('good', ['measure']), publish('serve', ['good'])];
const run = known ?? (await pipelines.start(makePipeline(steps), { tenant: 'acme' }));
for await (const event of pipelines.stream(run.id, { signal: new AbortController().signal })) if (event.type === 'run-end') break;
await pipelines.close();
await opened.close();
