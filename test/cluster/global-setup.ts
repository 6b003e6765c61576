import type { TestProject } from 'vitest/node';
import { buildControlPlane } from './build-control-plane.ts';
import { startControlPlane } from './start-control-plane.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    server: string;
    token: string;
    chartRender: string;
  }
}

/** One API server for the whole suite; every test file works in a namespace of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const paths = await buildControlPlane();
  const plane = await startControlPlane(paths);
  project.provide('chartRender', paths['chart-render']);
  project.provide('server', plane.server);
  project.provide('token', plane.token);
  return plane.stop;
}
