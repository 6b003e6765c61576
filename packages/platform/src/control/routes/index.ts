import type { Clock } from '#time';
import { litellmRoutes } from '../litellm/index.ts';
import type { ControlPorts } from '../ports.ts';
import type { ControlRoute } from '../route.ts';
import { accountRoutes } from './accounts.ts';
import { batchRoutes } from './batches.ts';
import { knowledgeRoutes } from './knowing.ts';
import { moneyRoutes } from './money.ts';
import { resourceRoutes } from './resources.ts';
import { routingRoutes } from './routing.ts';
import { runningRoutes } from './running.ts';
import { servingRoutes } from './serving.ts';
import { simulatingRoutes } from './simulating.ts';
import { tracingRoutes } from './tracing.ts';

/** Every route of the control plane. */
export const controlRoutes = (ports: ControlPorts, clock: Clock): readonly ControlRoute[] => [
  ...servingRoutes(ports, clock),
  ...routingRoutes(ports, clock),
  ...simulatingRoutes(ports),
  ...tracingRoutes(ports, clock),
  ...moneyRoutes(ports, clock),
  ...accountRoutes(ports, clock),
  ...batchRoutes(ports),
  ...knowledgeRoutes(ports, clock),
  ...runningRoutes(ports),
  ...resourceRoutes(ports),
  ...litellmRoutes(ports.litellm),
];
