import { holdHeapGrowth } from '#telemetry';

let loading: Promise<typeof import('./graph/index.ts')> | undefined;

/** LangGraph costs a third of a second and some memory to load: only a process that runs agents pays it, once. */
export function loadGraph(): Promise<typeof import('./graph/index.ts')> {
  loading ??= load();
  return loading;
}

async function load(): Promise<typeof import('./graph/index.ts')> {
  const release = holdHeapGrowth();
  try {
    return await import('./graph/index.ts');
  } finally {
    release();
  }
}
