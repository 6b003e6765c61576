import { parentPort, workerData } from 'node:worker_threads';
import { createMemoryQuotaStore } from './memory-quota-store.ts';
import { simulateWorld } from './world.ts';

const { seed, requests } = workerData as { readonly seed: number; readonly requests: number };
// Every second world keeps rates and places in a store of their own, as with Redis.
parentPort?.postMessage(await simulateWorld(seed, requests, seed % 2 === 0 ? { openRates: createMemoryQuotaStore } : {}));
