import { runSchema } from '@maru/api/records';
import {
  applyReplySchema,
  createdKeySchema,
  evaluationRunSchema,
  ingestionReplySchema,
  type KeyChange,
  keyInfoSchema,
  type NewKey,
  searchReplySchema,
  validateReplySchema,
} from '@maru/api/wire';
import { z } from 'zod';
import { request, send } from './request.ts';

const enc = encodeURIComponent;
const runReplySchema = z.union([runSchema, z.object({ run: runSchema }).transform((reply) => reply.run)]);
const evaluationReplySchema = z.union([evaluationRunSchema, z.object({ run: evaluationRunSchema }).transform((reply) => reply.run)]);

export const createKey = (key: NewKey) => request(createdKeySchema, '/api/v1/keys', { method: 'POST', body: key });
export const updateKey = (id: string, change: KeyChange) => request(keyInfoSchema, `/api/v1/keys/${enc(id)}`, { method: 'PATCH', body: change });
export const rotateKey = (id: string, graceMs: number) => request(createdKeySchema, `/api/v1/keys/${enc(id)}/rotate`, { method: 'POST', body: { graceMs } });
export const revokeKey = (id: string) => send(`/api/v1/keys/${enc(id)}`, { method: 'DELETE' });

export const validateYaml = (yaml: string, signal?: AbortSignal) =>
  request(validateReplySchema, '/api/v1/resources:validate', { method: 'POST', body: { yaml }, signal });
export const applyYaml = (yaml: string) => request(applyReplySchema, '/api/v1/resources:apply', { method: 'POST', body: { yaml } });
export const deleteResource = (kind: string, name: string) => send(`/api/v1/resources/${enc(kind)}/${enc(name)}`, { method: 'DELETE' });

export const searchKnowledge = (base: string, search: { query: string; topK: number; mode?: 'hybrid' | 'keyword' | 'vector' }, signal?: AbortSignal) =>
  request(searchReplySchema, `/api/v1/knowledge/${enc(base)}/search`, { method: 'POST', body: search, signal });
export const startIngestion = (base: string) => request(ingestionReplySchema, `/api/v1/knowledge/${enc(base)}/ingestions`, { method: 'POST', body: {} });

export const startEvaluation = (name: string) => request(evaluationReplySchema, `/api/v1/evaluations/${enc(name)}/runs`, { method: 'POST', body: {} });
export const startPipeline = (name: string) => request(runReplySchema, `/api/v1/pipelines/${enc(name)}/runs`, { method: 'POST', body: {} });
export const startAgentRun = (name: string, input: string) => request(runReplySchema, `/api/v1/agents/${enc(name)}/runs`, { method: 'POST', body: { input } });

export const actOnRun = (id: string, action: 'cancel' | 'resume') => send(`/api/v1/runs/${enc(id)}:${action}`, { method: 'POST', body: {} });
export const approveCall = (id: string, approval: { callId: string; approved: boolean; comment?: string }) =>
  send(`/api/v1/runs/${enc(id)}:approve`, { method: 'POST', body: approval });
