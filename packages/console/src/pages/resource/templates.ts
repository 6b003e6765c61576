import { API_VERSION, KIND_NAMES, type Kind } from '@maru/api/resources';

const template = (kind: Kind, name: string, spec: string): string => `apiVersion: ${API_VERSION}\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${spec}`;

/** The shortest useful resource of each kind; a test keeps them valid. */
export const TEMPLATES: Readonly<Record<Kind, string>> = Object.freeze({
  Model: template('Model', 'my-model', '  provider:\n    name: openai-compatible\n    model: llama-3.3-70b\n    baseUrl: http://127.0.0.1:8000/v1\n'),
  Route: template('Route', 'my-route', '  backends:\n    - model: reader\n      reason: only one\n'),
  Tenant: template('Tenant', 'my-team', '  budgets:\n    - usd: 100\n      window: month\n      mode: hard\n'),
  TokenIssuer: template(
    'TokenIssuer',
    'my-login',
    '  issuer: https://login.example.com\n  audiences: [maru]\n  map:\n    tenant: claims.department\n    user: claims.email\n',
  ),
  Agent: template('Agent', 'my-agent', '  model: auto\n  instructions: |\n    Answer in two sentences.\n  tools:\n    - type: calculator\n'),
  ToolServer: template('ToolServer', 'my-tools', '  transport:\n    type: http\n    url: http://127.0.0.1:9000/mcp\n'),
  KnowledgeBase: template('KnowledgeBase', 'my-documents', '  sources:\n    - path: ./documents\n  embedding: reader-embed\n'),
  Dataset: template('Dataset', 'my-questions', '  rows:\n    - input: What does Maru do?\n      expected: It runs models and agents behind one gateway.\n'),
  Evaluation: template(
    'Evaluation',
    'my-evaluation',
    '  dataset: my-questions\n  target:\n    model: auto\n  evaluators:\n    - type: contains\n  thresholds:\n    contains: 0.8\n',
  ),
  Experiment: template(
    'Experiment',
    'my-experiment',
    '  variants:\n    - name: now\n      model: reader\n      weight: 9\n    - name: new\n      model: auto\n      weight: 1\n  unit: session\n  metrics: [latency-p99, cost-per-request]\n',
  ),
  Pipeline: template('Pipeline', 'my-pipeline', '  steps:\n    - name: ingest\n      type: ingest\n      knowledgeBase: handbook\n'),
  GpuPool: template('GpuPool', 'my-gpus', '  instanceTypes: [g6.2xlarge, g5.2xlarge]\n  capacityTypes: [spot, on-demand]\n  limits:\n    gpus: 8\n'),
  Cluster: template('Cluster', 'my-cluster', '  region: ap-northeast-2\n  provider: eks\n  access:\n    type: kubeconfig\n    context: my-cluster\n'),
});

export type TemplateKind = Kind;
export const TEMPLATE_KINDS: readonly TemplateKind[] = KIND_NAMES;
