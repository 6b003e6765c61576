// The floors of the house. Every rule is an error, and there is no file of exceptions.
const FOUNDATIONS = ['config', 'memory', 'time', 'http', 'store', 'kube', 'telemetry', 'expressions', 'resources', 'formats'];
const ROOMS = [
  'engines',
  'endpoints',
  'router',
  'ledger',
  'traces',
  'knowledge',
  'agents',
  'evals',
  'fleet',
  'manifests',
  'pipelines',
  'cache',
  'guardrails',
  'batches',
];
const SURFACES = ['gateway', 'control', 'operator', 'simulate', 'loadtest', 'picker', 'cli'];
const below = (rooms) => `^packages/platform/src/(${rooms.join('|')})/`;
const forbidden = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

export default {
  forbidden: [
    forbidden('no-cycles', 'No file may depend on itself through others.', {}, { circular: true }),
    forbidden('foundations-look-at-foundations', 'Floor 1 knows only floor 1.', { path: below(FOUNDATIONS) }, { path: below([...ROOMS, ...SURFACES, 'cmd']) }),
    forbidden('rooms-look-down', 'Floor 2 knows only floor 1.', { path: below(ROOMS) }, { path: below([...SURFACES, 'cmd']) }),
    forbidden('surfaces-look-down', 'Floor 3 knows nothing of the composition.', { path: below(SURFACES) }, { path: below(['cmd']) }),
    forbidden(
      'rooms-not-sideways',
      'A room does not know another room: declare a port, cmd/ hands it in.',
      { path: '^packages/platform/src/([^/]+)/', pathNot: [below(FOUNDATIONS), below(SURFACES), below(['cmd'])] },
      { path: below(ROOMS), pathNot: '^packages/platform/src/$1/' },
    ),
    forbidden(
      'surfaces-not-sideways',
      'A surface does not know another surface.',
      { path: '^packages/platform/src/(gateway|control|operator|simulate|loadtest|picker|cli)/' },
      { path: below(SURFACES), pathNot: '^packages/platform/src/$1/' },
    ),
    forbidden(
      'through-the-door',
      'Another room is entered by its index.ts only.',
      { path: '^packages/platform/src/([^/]+)/' },
      { path: '^packages/platform/src/[^/]+/.+', pathNot: ['^packages/platform/src/$1/', '^packages/platform/src/[^/]+/index\\.ts$'] },
    ),
    forbidden(
      'composition-through-the-door',
      'Tests and benches outside of the rooms enter by the door as well.',
      { path: '^(test|bench|scripts|examples)/' },
      { path: '^packages/platform/src/[^/]+/.+', pathNot: ['^packages/platform/src/[^/]+/index\\.ts$', '^packages/platform/src/cmd/'] },
    ),
    forbidden('console-knows-api', 'The console knows only api and HTTP.', { path: '^packages/console/src/' }, { path: '^packages/platform/' }),
    forbidden('api-knows-nobody', 'The shapes know nobody.', { path: '^packages/api/src/' }, { path: '^packages/(platform|console)/' }),
    forbidden(
      'api-needs-zod',
      'The shapes need zod and nothing else.',
      { path: '^packages/api/src/', pathNot: '\\.test\\.ts$' },
      { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    ),
    forbidden(
      'api-is-browser-safe',
      'The shapes run in a browser too.',
      { path: '^packages/api/src/', pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['core'] },
    ),
    forbidden(
      'one-kubernetes-client',
      'Only kube/ knows the Kubernetes client.',
      { pathNot: '^packages/platform/src/kube/' },
      { path: 'node_modules/@kubernetes/' },
    ),
    forbidden(
      'no-attic',
      'No room is called utils, helpers, common, shared or core.',
      {},
      { pathNot: 'node_modules', path: '/(utils|helpers|common|shared|core)(/|[.]ts$)' },
    ),
    forbidden(
      'no-tests-in-product',
      'Product code does not import tests.',
      { path: '^packages/', pathNot: '\\.test\\.tsx?$' },
      { path: '\\.test\\.tsx?$|^test/' },
    ),
    // The programs of the client matrix run where the suite installs their packages.
    forbidden('resolvable', 'Every import resolves.', { pathNot: '^test/clients/programs/' }, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/dist/|\\.css$|\\.svg$|\\.woff2?$|\\?worker$|\\?raw$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'], extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] },
  },
};
