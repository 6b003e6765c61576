import { SPEND_GROUPS } from '@maru/api/wire';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, retainSearchParams } from '@tanstack/react-router';
import { z } from 'zod';
import { RANGES } from './api/range.ts';
import { ErrorState, SkeletonRows } from './components/states.tsx';
import { NotFoundPage } from './pages/not-found/not-found-page.tsx';
import { Shell } from './shell/shell.tsx';

const word = z.string().optional().catch(undefined);

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
  validateSearch: z.object({ range: z.enum(RANGES).optional().catch(undefined) }),
  search: { middlewares: [retainSearchParams(['range'])] },
});

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
});

const playground = createRoute({
  getParentRoute: () => root,
  path: '/playground',
  validateSearch: z.object({ model: word }),
  component: lazyRouteComponent(() => import('./pages/playground/playground-page.tsx'), 'PlaygroundPage'),
});

const traces = createRoute({
  getParentRoute: () => root,
  path: '/traces',
  validateSearch: z.object({
    text: word,
    model: word,
    tenant: word,
    session: word,
    status: z.enum(['ok', 'error']).optional().catch(undefined),
    minDurationMs: z.coerce.number().positive().optional().catch(undefined),
  }),
  component: lazyRouteComponent(() => import('./pages/traces/traces-page.tsx'), 'TracesPage'),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: '/traces/$traceId',
  validateSearch: z.object({ span: word, tab: word }),
  component: lazyRouteComponent(() => import('./pages/trace/trace-page.tsx'), 'TracePage'),
});

const costs = createRoute({
  getParentRoute: () => root,
  path: '/costs',
  validateSearch: z.object({ by: z.enum(SPEND_GROUPS).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./pages/costs/costs-page.tsx'), 'CostsPage'),
});

const evaluations = createRoute({
  getParentRoute: () => root,
  path: '/evaluations',
  component: lazyRouteComponent(() => import('./pages/evaluations/evaluations-page.tsx'), 'EvaluationsPage'),
});

const evaluation = createRoute({
  getParentRoute: () => root,
  path: '/evaluations/$name',
  validateSearch: z.object({ run: word, row: word }),
  component: lazyRouteComponent(() => import('./pages/evaluation/evaluation-page.tsx'), 'EvaluationPage'),
});

const models = createRoute({
  getParentRoute: () => root,
  path: '/models',
  validateSearch: z.object({ id: word, tab: word }),
  component: lazyRouteComponent(() => import('./pages/models/models-page.tsx'), 'ModelsPage'),
});

const routing = createRoute({
  getParentRoute: () => root,
  path: '/routing',
  validateSearch: z.object({ model: word, decision: word }),
  component: lazyRouteComponent(() => import('./pages/routing/routing-page.tsx'), 'RoutingPage'),
});

const simulations = createRoute({
  getParentRoute: () => root,
  path: '/simulations',
  component: lazyRouteComponent(() => import('./pages/simulations/simulations-page.tsx'), 'SimulationsPage'),
});

const simulation = createRoute({
  getParentRoute: () => root,
  path: '/simulations/$id',
  validateSearch: z.object({ with: word }),
  component: lazyRouteComponent(() => import('./pages/simulation/simulation-page.tsx'), 'SimulationPage'),
});

const batches = createRoute({
  getParentRoute: () => root,
  path: '/batches',
  component: lazyRouteComponent(() => import('./pages/batches/batches-page.tsx'), 'BatchesPage'),
});

const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  validateSearch: z.object({ account: word, key: word }),
  component: lazyRouteComponent(() => import('./pages/keys/keys-page.tsx'), 'KeysPage'),
});

const agents = createRoute({
  getParentRoute: () => root,
  path: '/agents',
  component: lazyRouteComponent(() => import('./pages/agents/agents-page.tsx'), 'AgentsPage'),
});

const agent = createRoute({
  getParentRoute: () => root,
  path: '/agents/$name',
  validateSearch: z.object({ run: word }),
  component: lazyRouteComponent(() => import('./pages/agent/agent-page.tsx'), 'AgentPage'),
});

const knowledge = createRoute({
  getParentRoute: () => root,
  path: '/knowledge',
  component: lazyRouteComponent(() => import('./pages/knowledge/knowledge-page.tsx'), 'KnowledgePage'),
});

const knowledgeBase = createRoute({
  getParentRoute: () => root,
  path: '/knowledge/$name',
  validateSearch: z.object({ q: word, passage: word, state: z.enum(['failed']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./pages/knowledge-base/knowledge-base-page.tsx'), 'KnowledgeBasePage'),
});

const pipelines = createRoute({
  getParentRoute: () => root,
  path: '/pipelines',
  validateSearch: z.object({ run: word }),
  component: lazyRouteComponent(() => import('./pages/pipelines/pipelines-page.tsx'), 'PipelinesPage'),
});

const resources = createRoute({
  getParentRoute: () => root,
  path: '/resources',
  validateSearch: z.object({ kind: word }),
  component: lazyRouteComponent(() => import('./pages/resources/resources-page.tsx'), 'ResourcesPage'),
});

const newResource = createRoute({
  getParentRoute: () => root,
  path: '/resources/new',
  validateSearch: z.object({ kind: word }),
  component: lazyRouteComponent(() => import('./pages/resource/new-resource-page.tsx'), 'NewResourcePage'),
});

const resource = createRoute({
  getParentRoute: () => root,
  path: '/resources/$kind/$name',
  component: lazyRouteComponent(() => import('./pages/resource/resource-page.tsx'), 'ResourcePage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/settings-page.tsx'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    overview,
    playground,
    traces,
    trace,
    costs,
    evaluations,
    evaluation,
    models,
    routing,
    simulations,
    simulation,
    keys,
    batches,
    agents,
    agent,
    knowledge,
    knowledgeBase,
    pipelines,
    resources,
    newResource,
    resource,
    settings,
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: () => (
    <div className="p-5">
      <SkeletonRows />
    </div>
  ),
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
