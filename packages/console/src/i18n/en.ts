import { AGENTS } from './en/agents.ts';
import { ATTENTION } from './en/attention.ts';
import { COMMON } from './en/common.ts';
import { COSTS } from './en/costs.ts';
import { EVALUATIONS } from './en/evaluations.ts';
import { KNOWLEDGE } from './en/knowledge.ts';
import { OVERVIEW } from './en/overview.ts';
import { PLAYGROUND } from './en/playground.ts';
import { RESOURCES } from './en/resources.ts';
import { SETTINGS } from './en/settings.ts';
import { SHELL } from './en/shell.ts';
import { TRACES } from './en/traces.ts';

/** Every message in English; its keys are the keys of all languages. */
export const EN = {
  ...AGENTS,
  ...ATTENTION,
  ...COMMON,
  ...COSTS,
  ...EVALUATIONS,
  ...KNOWLEDGE,
  ...OVERVIEW,
  ...PLAYGROUND,
  ...RESOURCES,
  ...SETTINGS,
  ...SHELL,
  ...TRACES,
};

export type MessageKey = keyof typeof EN;
