export { consoleSession } from './cookies.ts';
export { type ControlHandler, type ControlOptions, createControl } from './create-control.ts';
export { identify } from './identify.ts';
export { isAdminPath } from './litellm/index.ts';
export type { LitellmPorts } from './litellm/ports.ts';
export type {
  AccountPorts,
  AgentPorts,
  BatchControlPorts,
  ControlPorts,
  ControlPrincipal,
  CostPorts,
  EvaluationPorts,
  EvaluationSummary,
  ForeignReply,
  ForeignRequest,
  KeyPorts,
  KnowledgeDocument,
  KnowledgePorts,
  PageRequest,
  PipelinePorts,
  PipelineSummary,
  RoutingPorts,
  RunFilter,
  RunPorts,
  TimeRange,
  TraceFilter,
  TracePorts,
} from './ports.ts';
export { createSessions, type Sessions } from './sessions.ts';
export { createSimulations, type Simulations } from './simulations/create-simulations.ts';
export type { SweepPort } from './simulations/sweep-port.ts';
