import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureEnvoy } from '../../test/picker/ensure-envoy.ts';
import { type LoadResult, sendLoad } from '../../test/picker/load.ts';
import { type Envoy, freePorts, type Running, startEnvoy, startPickerProcess } from '../../test/picker/processes.ts';
import { MODEL, type Replica, startTwin } from '../../test/picker/replicas.ts';
import { describeMachine } from '../harness/machine.ts';
import { cpuUs, rssMb } from '../harness/process-figures.ts';

const REQUESTS = Number(process.argv[2] ?? 100_000);
const LONG_REQUESTS = Number(process.argv[3] ?? 300);
const ENDPOINTS = 100;
const LONG_BYTES = 400_000;
const IDLE_MS = 15_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** As many addresses as are asked for, that answer at once: what is measured is the picker. */
async function startReplicas(count: number): Promise<readonly Replica[]> {
  return Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer((request, response) => {
        if (request.url === '/v1/models') return void response.end(JSON.stringify({ object: 'list', data: [{ id: MODEL, object: 'model' }] }));
        if (request.url === '/metrics')
          return void response.end(
            'vllm:num_requests_running 1\nvllm:num_requests_waiting 0\nvllm:kv_cache_usage_perc 0.2\nvllm:cache_config_info{block_size="16",num_gpu_blocks="20000"} 1\n',
          );
        request.resume();
        request.on('end', () => {
          response.setHeader('content-type', 'application/json');
          response.end('{"choices":[],"usage":{"prompt_tokens":100000,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":50000}}}');
        });
      });
      return new Promise<Replica>((resolve) => {
        server.listen(0, '127.0.0.1', () =>
          resolve({
            address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
            close: async () => {
              server.closeAllConnections();
              server.close();
            },
          }),
        );
      });
    }),
  );
}

interface Stack {
  readonly envoy: Envoy;
  readonly picker: Running;
  readonly pid: number;
  close(): Promise<void>;
}

async function startStack(replicas: readonly Replica[], more: readonly string[]): Promise<Stack> {
  const [port = 0] = await freePorts(1);
  const endpoints = replicas.map(({ address }) => address);
  const picker = await startPickerProcess([
    ...['--model', MODEL, '--listen', `127.0.0.1:${port}`, '--grace', '1'],
    ...endpoints.flatMap((address) => ['--endpoint', address]),
    ...more,
  ]);
  const envoy = await startEnvoy(await ensureEnvoy(), { pickerPort: port, endpoints, failureMode: 'FailClose', cluster: 'override-host', tls: false });
  const warm = (): Promise<LoadResult> => sendLoad({ url: envoy.url, requests: 1, concurrency: 1, body: () => ({ json: small(0), stream: false }) });
  while ((await warm()).statuses[200] !== 1) await sleep(250);
  return {
    envoy,
    picker,
    pid: picker.child.pid ?? 0,
    close: async () => {
      await envoy.stop('SIGTERM');
      await picker.stop('SIGTERM');
      await Promise.all(replicas.map((replica) => replica.close()));
    },
  };
}

const small = (index: number): string =>
  JSON.stringify({ model: MODEL, max_tokens: 4, messages: [{ role: 'user', content: `${`Conversation ${index % 100}. `.repeat(30)} Question ${index}` }] });

/** A prompt of 100,000 tokens of which the first half is that of its group. */
const long = (index: number): string => {
  const shared = `group ${index % 50} `.repeat(LONG_BYTES / 20).slice(0, LONG_BYTES / 2);
  return JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: shared + `own ${index} `.repeat(LONG_BYTES / 10).slice(0, LONG_BYTES / 2) }] });
};

print(describeMachine());
print('');
for (const policy of ['maru', 'approximate-prefix']) {
  const stack = await startStack(await startReplicas(ENDPOINTS), ['--policy', policy, '--max-endpoints', '3']);
  const idleFrom = cpuUs(stack.pid) / 1e6;
  await sleep(IDLE_MS);
  const idleCores = (cpuUs(stack.pid) / 1e6 - idleFrom) / (IDLE_MS / 1000);
  await sendLoad({ url: stack.envoy.url, requests: 60, concurrency: 4, body: (index) => ({ json: long(index), stream: false }) });
  const before = cpuUs(stack.pid) / 1e6;
  const result = await sendLoad({ url: stack.envoy.url, requests: LONG_REQUESTS, concurrency: 4, body: (index) => ({ json: long(index), stream: false }) });
  const cpuMs = ((cpuUs(stack.pid) / 1e6 - before) / LONG_REQUESTS) * 1000;
  print(`policy ${policy}, ${ENDPOINTS} endpoints, prompts of 100,000 tokens (${LONG_BYTES / 1000} KB), ${LONG_REQUESTS} requests`);
  print(
    `  CPU of the picker per request, gRPC, both bodies and the scraping meanwhile included: ${cpuMs.toFixed(2)} ms = ${(cpuMs / 1000).toFixed(4)} cores per request/s`,
  );
  print(
    `  at 98.7 requests/s: ${((cpuMs * 98.7) / 1000).toFixed(2)} cores; idle, with ${ENDPOINTS} endpoints scraped twice a second: ${idleCores.toFixed(3)} cores`,
  );
  print(
    `  resident ${rssMb(stack.pid).toFixed(0)} MB; wrong endpoints ${result.wrong}, other answers than 200: ${JSON.stringify({ ...result.statuses, 200: undefined })} ${result.firstProblem ?? ''}`,
  );
  await stack.close();
}
print('  llm-d, published (docs/operations.md of llm-d-router): 0.5-1.0 core per request/s for prompts of 100,000 tokens; 35-46.5 cores at');
print('  98.7 requests/s × 100 pods; about 7.5 cores idle at 100 pods; 4-6 GiB. Scraping there is every 50 ms, here every 500 ms.');

if (REQUESTS > 0) await printManyRequests();

async function printManyRequests(): Promise<void> {
  const stack = await startStack(await Promise.all([0, 1, 2, 3].map(startTwin)), ['--max-endpoints', '3']);
  const before = cpuUs(stack.pid);
  const result = await sendLoad({ url: stack.envoy.url, requests: REQUESTS, concurrency: 32, body: (index) => ({ json: small(index), stream: false }) });
  const eachUs = (cpuUs(stack.pid) - before) / REQUESTS;
  print('');
  print(`${REQUESTS} requests through Envoy to 4 twins, all on this machine: ${result.perSecond} per second`);
  print(`  CPU of the picker per request: ${eachUs.toFixed(0)} µs; resident ${rssMb(stack.pid).toFixed(0)} MB`);
  print(`  answers ${JSON.stringify(result.statuses)}, wrong endpoints ${result.wrong}, fallbacks ${result.fallbacks}`);
  await stack.close();
}
