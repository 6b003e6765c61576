import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatformProcess } from '../../test/harness/platform-process.ts';

export interface Maru {
  readonly pid: number;
  readonly url: string;
  readonly key: string;
  /** Whether the process is still the one that was started. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

export interface StartMaruOptions {
  /** YAML of the resources that it serves. */
  readonly resources: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The whole program as `maru up` runs it: keys, limits, ledger, traces and metrics on, the database in a fresh folder. */
export async function startMaru(options: StartMaruOptions): Promise<Maru> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-bench-'));
  const file = join(folder, 'resources.yaml');
  writeFileSync(file, options.resources);
  const platform = await startPlatformProcess({
    dataDir: join(folder, 'data'),
    files: [file],
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  // A benchmark that is broken off leaves no process behind.
  process.once('exit', () => platform.child.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return {
    pid: platform.child.pid ?? 0,
    url: platform.url,
    key: platform.key,
    isAlive: () => platform.child.exitCode === null && platform.child.signalCode === null,
    stop: async () => {
      await platform.stop('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A route `auto` over one OpenAI-compatible server, and a route `claude` over a server of Anthropic's format. */
export const resourcesFor = (upstream: string): string => `
apiVersion: maru.dev/v1alpha1
kind: Tenant
metadata: { name: default }
spec:
  budgets: [{ usd: 1000000, window: month }]
  limits: { requestsPerMinute: 100000000, tokensPerMinute: 100000000000 }
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: bench }
spec:
  provider: { name: openai-compatible, model: bench, baseUrl: ${upstream}/v1 }
  price: { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.3 }
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: bench-claude }
spec:
  provider: { name: anthropic, model: bench-claude, baseUrl: ${upstream}/v1 }
  price: { inputUsdPerMillion: 0.1, outputUsdPerMillion: 0.3 }
---
apiVersion: maru.dev/v1alpha1
kind: Route
metadata: { name: auto }
spec: { backends: [{ model: bench }] }
---
apiVersion: maru.dev/v1alpha1
kind: Route
metadata: { name: claude }
spec: { backends: [{ model: bench-claude }] }
`;
