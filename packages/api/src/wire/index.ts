export {
  ACCOUNT_SPEND_GROUPS,
  type AccountInfo,
  type AccountSpend,
  accountDetailSchema,
  accountPageSchema,
  accountSpendSchema,
} from './control/accounts.ts';
export { type BatchSummary, batchPageSchema } from './control/batches.ts';
export {
  type BudgetState,
  budgetListSchema,
  budgetStateSchema,
  type Costs,
  chargePageSchema,
  costsSchema,
  type Savings,
  SPEND_GROUPS,
  savingsSchema,
} from './control/costs.ts';
export {
  type EvaluationRow,
  type EvaluationRun,
  evaluationListSchema,
  evaluationRowSchema,
  evaluationRunDetailSchema,
  evaluationRunPageSchema,
  evaluationRunSchema,
} from './control/evaluating.ts';
export {
  createdKeySchema,
  type KeyChange,
  type KeyInfo,
  keyChangeSchema,
  keyInfoSchema,
  keyListSchema,
  keyRotationSchema,
  type NewKey,
  newKeySchema,
} from './control/keys.ts';
export {
  documentListSchema,
  ingestionReplySchema,
  type KnowledgeBaseInfo,
  knowledgeBaseInfoSchema,
  knowledgeListSchema,
  type PassageInfo,
  passageSchema,
  searchReplySchema,
  searchRequestSchema,
} from './control/knowing.ts';
export {
  ATTENTION_FACTS,
  type Attention,
  attentionSchema,
  type EndpointState,
  endpointStateSchema,
  type Overview,
  overviewSchema,
} from './control/overview.ts';
export { type Page, pageOf } from './control/page.ts';
export {
  applyReplySchema,
  type ResourceProblem,
  resourceDetailSchema,
  resourceListSchema,
  resourceProblemSchema,
  validateReplySchema,
  yamlBodySchema,
} from './control/resource-api.ts';
export {
  type CalibrationPoint,
  calibrationSchema,
  type DecisionDetail,
  decisionDetailSchema,
  type LocateRequest,
  locateRequestSchema,
  type PrefixPlaces,
  prefixPlacesSchema,
  type RoutedEndpoint,
  type Routing,
  type RoutingDegradation,
  routingSchema,
} from './control/routing.ts';
export {
  type AgentInfo,
  agentListSchema,
  approvalSchema,
  newAgentRunSchema,
  pipelineListSchema,
  type RunEvent,
  runDetailSchema,
  runEventSchema,
  runPageSchema,
} from './control/running.ts';
export {
  decisionListSchema,
  formatListSchema,
  type ModelPrice,
  modelPriceSchema,
  type ServedModel,
  servedModelListSchema,
  servedModelSchema,
} from './control/serving.ts';
export { loginSchema, type SessionInfo, sessionSchema } from './control/session.ts';
export {
  type NewSimulation,
  newSimulationSchema,
  SIMULATION_MEASURES,
  SIMULATION_STATES,
  type Simulation,
  type SimulationDetail,
  type SimulationMeasure,
  type SimulationOptions,
  type SimulationRow,
  type SimulationTrace,
  simulationDetailSchema,
  simulationListSchema,
  simulationOptionsSchema,
  simulationSchema,
  simulationTraceSchema,
} from './control/simulating.ts';
export { type SourcesStatus, sourcesStatusSchema } from './control/sources.ts';
export {
  type NewScore,
  newScoreSchema,
  type TraceDetail,
  type TraceSummary,
  traceDetailSchema,
  tracePageSchema,
  traceSummarySchema,
} from './control/tracing.ts';
export {
  type ChatChunk,
  type ChatCompletion,
  type ChatMessage,
  type ChatRequest,
  type ChatTool,
  type ContentPart,
  chatChunkSchema,
  chatCompletionSchema,
  chatRequestSchema,
  type ToolCall,
} from './openai/chat.ts';
export { type Completion, type CompletionRequest, completionRequestSchema, completionSchema } from './openai/completions.ts';
export { type EmbeddingList, type EmbeddingRequest, embeddingListSchema, embeddingRequestSchema } from './openai/embeddings.ts';
export { type ModelEntry, type ModelList, modelEntrySchema, modelListSchema, type WireError, wireErrorSchema } from './openai/models.ts';
export { fromWireUsage, toWireUsage, type WireUsage, wireUsageSchema } from './openai/usage.ts';
