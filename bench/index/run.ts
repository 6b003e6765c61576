import { encode } from '@msgpack/msgpack';
import { KvIndex, KvSource, promptKeys, readKvBatch } from '../../packages/platform/src/endpoints/index.ts';
import { describeMachine } from '../harness/machine.ts';

const ENDPOINTS = Number(process.argv[2] ?? 100);
const BLOCKS = Number(process.argv[3] ?? 1_000_000);
const BLOCK_SIZE = 16;
const PER_EVENT = 64;
const ROUNDS = 7;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const rounded = (value: number): string => Math.round(value).toLocaleString('en');
const cpuS = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

/** A number for a block that no other block has, small enough to be a token. */
const tokenOf = (endpoint: number, block: number, token: number): number =>
  (Math.imul(endpoint * 7919 + block, 0x9e3779b1) ^ Math.imul(token, 0x85ebca6b)) >>> 0;

const tokensOf = (endpoint: number, first: number, blocks: number): number[] =>
  Array.from({ length: blocks * BLOCK_SIZE }, (_, index) => tokenOf(endpoint, first + Math.floor(index / BLOCK_SIZE), index % BLOCK_SIZE));

function stored(endpoint: number, first: number): unknown {
  const hashes = Array.from({ length: PER_EVENT }, (_, block) => endpoint * 1e9 + first + block);
  return ['BlockStored', hashes, null, tokensOf(endpoint, first, PER_EVENT), BLOCK_SIZE, null, 'GPU', null];
}

print(describeMachine());

// Messages as they come over the wire, one core: read, hash, translate, index. Each round fills an index of its own.
{
  const payloads = Array.from({ length: 2000 }, (_, event) => encode([event, [stored(0, event * PER_EVENT)]]));
  const removals = Array.from({ length: 2000 }, (_, event) =>
    encode([event, [['BlockRemoved', Array.from({ length: PER_EVENT }, (_hash, block) => event * PER_EVENT + block), 'GPU']]]),
  );
  const rates = { stored: [] as number[], removed: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const index = new KvIndex({ maxPairs: 1e7 });
    const source = new KvSource({ index, onProblem: (problem, detail) => print(`  ${problem}: ${detail}`) });
    for (const [what, messages] of [
      ['stored', payloads],
      ['removed', removals],
    ] as const) {
      const begin = cpuS();
      for (const payload of messages) for (const event of readKvBatch(payload).events) source.apply(event);
      rates[what].push((messages.length * PER_EVENT) / (cpuS() - begin));
    }
  }
  for (const [what, measured] of Object.entries(rates)) {
    const median = measured.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    const [first = 0] = measured;
    print(
      `${what}: ${rounded(median)} blocks per second of one core, median of ${ROUNDS} (target 200,000); ${rounded(first)} in the first, with code that is not compiled yet; messages of ${PER_EVENT}`,
    );
  }
}

// All caches at once, no block shared: the most that an index can need.
{
  const index = new KvIndex({ maxPairs: ENDPOINTS * BLOCKS });
  const sources = Array.from({ length: ENDPOINTS }, () => new KvSource({ index, onProblem: (problem, detail) => print(`  ${problem}: ${detail}`) }));
  const begin = cpuS();
  for (const [endpoint, source] of sources.entries()) {
    for (let first = 0; first < BLOCKS; first += PER_EVENT) {
      // One token per block: what is kept of a block does not depend on its tokens.
      const names = Array.from({ length: PER_EVENT }, (_, block) => endpoint * 1e9 + first + block);
      const tokens = names.map((_, block) => tokenOf(endpoint, first + block, 0));
      const event = { hashes: names, parent: first === 0 ? undefined : endpoint * 1e9 + first - 1, tokens, blockSize: 1, tier: 'gpu' } as const;
      source.apply({ ...event, type: 'stored', loraName: undefined, extraKeys: undefined, group: 0, wholePrefix: true });
    }
  }
  const bytes = index.bytes + sources.reduce((sum, source) => sum + source.bytes, 0);
  print(`${ENDPOINTS} endpoints × ${BLOCKS.toLocaleString('en')} blocks, none shared: ${index.pairs.toLocaleString('en')} kept`);
  print(
    `  ${(bytes / 1e9).toFixed(3)} GB in arrays, ${(bytes / index.pairs).toFixed(1)} bytes per block (target: under 2 GB for 100 million); resident ${(process.memoryUsage.rss() / 1e9).toFixed(2)} GB`,
  );
  print(`  filled in ${(cpuS() - begin).toFixed(0)} s of CPU`);
  const depths = new Uint32Array(Math.ceil(index.holders / 32) * 32);
  const prompt = promptKeys(
    Array.from({ length: PER_EVENT }, (_, block) => tokenOf(3 % ENDPOINTS, block, 0)),
    1,
  );
  const asked = cpuS();
  for (let round = 0; round < 10_000; round += 1) index.depths(prompt, depths);
  print(`  one look-up of ${PER_EVENT} blocks at all endpoints: ${(((cpuS() - asked) / 10_000) * 1e6).toFixed(1)} µs`);
}
