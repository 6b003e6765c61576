import type { MessageKey } from './en.ts';
import { AGENTS } from './ko/agents.ts';
import { ATTENTION } from './ko/attention.ts';
import { BATCHES } from './ko/batches.ts';
import { COSTS } from './ko/costs.ts';
import { EVALUATIONS } from './ko/evaluations.ts';
import { KEYS } from './ko/keys.ts';
import { KNOWLEDGE } from './ko/knowledge.ts';
import { MODELS } from './ko/models.ts';
import { OVERVIEW } from './ko/overview.ts';
import { PLAYGROUND } from './ko/playground.ts';
import { RESOURCES } from './ko/resources.ts';
import { ROUTES } from './ko/routes.ts';
import { ROUTING } from './ko/routing.ts';
import { SETTINGS } from './ko/settings.ts';
import { SHELL } from './ko/shell.ts';
import { SIMULATIONS } from './ko/simulations.ts';
import { TRACES } from './ko/traces.ts';
import { WORDS } from './ko/words.ts';

/** Every message in Korean. */
export const KO: Readonly<Record<MessageKey, string>> = {
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
