import { z } from 'zod';
import { agentKind } from './agent.ts';
import { clusterKind } from './cluster.ts';
import { datasetKind } from './dataset.ts';
import { evaluationKind } from './evaluation.ts';
import { experimentKind } from './experiment.ts';
import { gpuPoolKind } from './gpu-pool.ts';
import { knowledgeBaseKind } from './knowledge-base.ts';
import { modelKind } from './model.ts';
import { pipelineKind } from './pipeline.ts';
import { routeKind } from './route.ts';
import { tenantKind } from './tenant.ts';
import { tokenIssuerKind } from './token-issuer.ts';
import { toolServerKind } from './tool-server.ts';

/** All resource kinds, in the order in which they are listed to people. */
export const KINDS = Object.freeze({
  Model: modelKind,
  Route: routeKind,
  Tenant: tenantKind,
  TokenIssuer: tokenIssuerKind,
  Agent: agentKind,
  ToolServer: toolServerKind,
  KnowledgeBase: knowledgeBaseKind,
  Dataset: datasetKind,
  Evaluation: evaluationKind,
  Experiment: experimentKind,
  Pipeline: pipelineKind,
  GpuPool: gpuPoolKind,
  Cluster: clusterKind,
});

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.freeze(Object.keys(KINDS)) as readonly Kind[];

export type ResourceOf<K extends Kind> = z.infer<(typeof KINDS)[K]['schema']>;
export type Model = ResourceOf<'Model'>;
export type Route = ResourceOf<'Route'>;
export type Tenant = ResourceOf<'Tenant'>;
export type TokenIssuer = ResourceOf<'TokenIssuer'>;
export type Agent = ResourceOf<'Agent'>;
export type ToolServer = ResourceOf<'ToolServer'>;
export type KnowledgeBase = ResourceOf<'KnowledgeBase'>;
export type Dataset = ResourceOf<'Dataset'>;
export type Evaluation = ResourceOf<'Evaluation'>;
export type Experiment = ResourceOf<'Experiment'>;
export type Pipeline = ResourceOf<'Pipeline'>;
export type GpuPool = ResourceOf<'GpuPool'>;
export type Cluster = ResourceOf<'Cluster'>;
export type Resource = { [K in Kind]: ResourceOf<K> }[Kind];

/** Any resource of Maru; `kind` decides the rest. */
export const resourceSchema = z.discriminatedUnion('kind', [
  modelKind.schema,
  routeKind.schema,
  tenantKind.schema,
  tokenIssuerKind.schema,
  agentKind.schema,
  toolServerKind.schema,
  knowledgeBaseKind.schema,
  datasetKind.schema,
  evaluationKind.schema,
  experimentKind.schema,
  pipelineKind.schema,
  gpuPoolKind.schema,
  clusterKind.schema,
]);

/** `Kind/name`, unique within a set of resources. */
export const resourceKey = (resource: { readonly kind: string; readonly metadata: { readonly name: string } }): string =>
  `${resource.kind}/${resource.metadata.name}`;
