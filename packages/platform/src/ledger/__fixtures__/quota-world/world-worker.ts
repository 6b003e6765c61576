import { parentPort, workerData } from 'node:worker_threads';
import { simulateWorld } from './world.ts';

const { seed, requests } = workerData as { readonly seed: number; readonly requests: number };
parentPort?.postMessage(await simulateWorld(seed, requests));
