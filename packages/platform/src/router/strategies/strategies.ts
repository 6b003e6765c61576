import type { RouteStrategy } from '@maru/api/resources';
import { budgetStrategy } from './budget/budget-strategy.ts';
import { costStrategy } from './cost/cost-strategy.ts';
import { latencyStrategy } from './latency/latency-strategy.ts';
import { leastBusyStrategy } from './least-busy/least-busy-strategy.ts';
import { priorityStrategy } from './priority/priority-strategy.ts';
import { simpleShuffleStrategy } from './simple-shuffle/simple-shuffle-strategy.ts';
import type { Strategy } from './strategy.ts';
import { usageStrategy } from './usage/usage-strategy.ts';

/** Every strategy that a Route may name. */
export const STRATEGIES: Readonly<Record<RouteStrategy, Strategy>> = Object.freeze({
  'simple-shuffle': simpleShuffleStrategy,
  'least-busy': leastBusyStrategy,
  latency: latencyStrategy,
  usage: usageStrategy,
  cost: costStrategy,
  priority: priorityStrategy,
  budget: budgetStrategy,
});
