export { compileGuardrails } from './checks/compile-guardrails.ts';
export type { GuardDecision } from './decision.ts';
export { type GuardRequest, type GuardTurn, openGuards } from './guard-turn.ts';
export type { GuardEmbedder, GuardrailPorts } from './ports.ts';
export type { Rule, Stage } from './rule.ts';
export type { StreamGuard } from './stream/stream-guard.ts';
