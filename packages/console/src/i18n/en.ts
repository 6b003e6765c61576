import { AGENTS } from './en/agents.ts';
import { ATTENTION } from './en/attention.ts';
import { BATCHES } from './en/batches.ts';
import { COSTS } from './en/costs.ts';
import { EVALUATIONS } from './en/evaluations.ts';
import { KEYS } from './en/keys.ts';
import { KNOWLEDGE } from './en/knowledge.ts';
import { MODELS } from './en/models.ts';
import { OVERVIEW } from './en/overview.ts';
import { PLAYGROUND } from './en/playground.ts';
import { RESOURCES } from './en/resources.ts';
import { ROUTES } from './en/routes.ts';
import { ROUTING } from './en/routing.ts';
import { SETTINGS } from './en/settings.ts';
import { SHELL } from './en/shell.ts';
import { SIMULATIONS } from './en/simulations.ts';
import { TRACES } from './en/traces.ts';
import { WORDS } from './en/words.ts';

/** Every message in English; its keys are the keys of all languages. */
export const EN = {
  ...AGENTS,
  ...ATTENTION,
  ...BATCHES,
  ...COSTS,
  ...EVALUATIONS,
  ...KEYS,
  ...KNOWLEDGE,
  ...MODELS,
  ...OVERVIEW,
  ...PLAYGROUND,
  ...RESOURCES,
  ...ROUTES,
  ...ROUTING,
  ...SETTINGS,
  ...SHELL,
  ...SIMULATIONS,
  ...TRACES,
  ...WORDS,
};

export type MessageKey = keyof typeof EN;
