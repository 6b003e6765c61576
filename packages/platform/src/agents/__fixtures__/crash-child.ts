import { appendFileSync } from 'node:fs';
import type { KyselyPlugin } from 'kysely';
import { openStore } from '#store';
import { silentLog } from '#telemetry';
import { createIds, createSystemClock } from '#time';
import { createAgents } from '../create-agents.ts';
import { createScriptedModel, makeAgent, PASSAGES, type Script } from './test-kit.ts';

/** Runs two agents side by side and kills itself before the statement or the effect with the number `killAt`. */
const [path = '', effects = '', killAt = '0'] = process.argv.slice(2);
let moment = 0;
const maybeDie = (): void => {
  moment += 1;
  if (moment === Number(killAt)) process.kill(process.pid, 'SIGKILL');
};
const effect = (name: string): void => {
  maybeDie();
  appendFileSync(effects, `${name}\n`);
  maybeDie();
};
const plugin: KyselyPlugin = {
  transformQuery: ({ node }) => {
    maybeDie();
    return node;
  },
  transformResult: ({ result }) => Promise.resolve(result),
};

/** Depends only on the conversation, as a model does. */
const script: Script = (request) => {
  const fetchUrl = (name: string) => ({ name: 'fetch-url', args: { url: `https://example.com/${request.context.agent}/${name}` } });
  effect('model');
  if (request.tools.length === 0) return String(request.messages.at(-1)?.content).startsWith('Plan') ? '["look around"]' : 'COMPLETE';
  const results = request.messages.filter((message) => message.role === 'tool').length;
  if (results === 0) return { calls: [fetchUrl('one')] };
  if (results === 1) return { calls: [fetchUrl('two'), fetchUrl('three'), { name: 'calculate', args: { expression: '6*7' } }] };
  if (results === 4) return { calls: [fetchUrl('four')] };
  return 'All four were read.';
};

const opened = await openStore({ url: path });
const store = { ...opened, db: opened.db.withPlugin(plugin) };
const clock = createSystemClock();
const agents = createAgents({
  store,
  clock,
  ids: createIds(() => clock.nowMs()),
  log: silentLog,
  leaseTtlMs: 5_000,
  searchPath: '/usr/bin:/bin',
  ports: {
    models: createScriptedModel(script),
    knowledge: { search: () => Promise.resolve(PASSAGES) },
    http: {
      fetch: ({ url }) => {
        effect(url);
        return Promise.resolve({ status: 200, url, contentType: 'text/plain', body: Buffer.from(`text of ${url}`), truncated: false });
      },
    },
    spans: { record: () => undefined },
    toolServers: { find: () => undefined, secret: () => undefined },
    agents: { find: () => undefined },
  },
});

await agents.resume({ takeOver: true });
const known = (await agents.list()).items;
const runs = [];
for (const graph of ['react', 'plan-execute-evaluate']) {
  const agent = makeAgent({ graph, tools: [{ type: 'http' }, { type: 'calculator' }], maxSteps: 20 }, graph);
  runs.push(known.find((run) => run.resource === graph) ?? (await agents.start(agent, { input: 'Read all four.', tenant: 'acme', keyId: 'k' })));
}
for (const run of runs) for await (const event of agents.stream(run.id, { signal: new AbortController().signal })) if (event.type === 'run-end') break;
await agents.close();
await opened.close();
