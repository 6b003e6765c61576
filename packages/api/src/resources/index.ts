export { type AgentSpec, type AgentTool, agentKind } from './agent.ts';
export { type ClusterSpec, clusterKind } from './cluster.ts';
export { type DatasetRow, type DatasetSpec, datasetKind, datasetRowSchema } from './dataset.ts';
export type { KindDefinition, PrinterColumn, Reference } from './define-kind.ts';
export { type EvaluationSpec, type EvaluatorSpec, evaluationKind } from './evaluation.ts';
export { type ExperimentSpec, experimentKind } from './experiment.ts';
export { type GpuPoolSpec, gpuPoolKind } from './gpu-pool.ts';
export {
  type Agent,
  type Cluster,
  type Dataset,
  type Evaluation,
  type Experiment,
  type GpuPool,
  KIND_NAMES,
  KINDS,
  type Kind,
  type KnowledgeBase,
  type Model,
  type Pipeline,
  type Resource,
  type ResourceOf,
  type Route,
  resourceKey,
  resourceSchema,
  type Tenant,
  type TokenIssuer,
  type ToolServer,
} from './kinds.ts';
export { type KnowledgeBaseSpec, knowledgeBaseKind } from './knowledge-base.ts';
export { API_VERSION, type Condition, conditionSchema, type Metadata, nameSchema, type Status, statusSchema } from './metadata.ts';
export { type ContinuationWay, ENGINES, type ModelSpec, modelKind } from './model.ts';
export { type ModelFlowControl, modelFlowControlSchema } from './model-flow-control.ts';
export { type PipelineSpec, type PipelineStep, pipelineKind } from './pipeline.ts';
export { PROVIDERS, type ProviderName } from './provider.ts';
export { durationSchema, durationToMs, type SecretRef, secretRefSchema } from './quantities.ts';
export { requestDefaultsSchema } from './request-defaults.ts';
export { ROUTE_STRATEGIES, ROUTER_POLICIES, type RouteBackend, type RouteSpec, type RouteStrategy, routeKind } from './route.ts';
export type { RouteCache } from './route-cache.ts';
export { COMPLEXITIES, type HttpMatch, type RouteCondition } from './route-condition.ts';
export { PII_KINDS, type RouteGuardrail, SECRET_KINDS } from './route-guardrails.ts';
export { FAILURE_CLASSES, type FailureClass } from './route-recovery.ts';
export type { ServingEndpoints } from './serving-endpoints.ts';
export { type BudgetSpec, type LimitsSpec, TENANT_LEVELS, type TenantSpec, tenantKind } from './tenant.ts';
export { TOKEN_ALGORITHMS, type TokenIssuerSpec, tokenIssuerKind } from './token-issuer.ts';
export { type ToolServerSpec, toolServerKind } from './tool-server.ts';
export { type TwinMechanisms, twinMechanismsSchema } from './twin-mechanisms.ts';
