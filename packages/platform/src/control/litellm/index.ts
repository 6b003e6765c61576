import type { ControlRoute } from '../route.ts';
import { accessGroupRoutes } from './access-group-routes.ts';
import { activityRoutes } from './activity-routes.ts';
import { budgetRoutes } from './budget-routes.ts';
import { configRoutes } from './config-routes.ts';
import { credentialRoutes } from './credential-routes.ts';
import { customerRoutes } from './customer-routes.ts';
import { fallbackRoutes } from './fallback-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { importRoute } from './import-rows.ts';
import { keyMoreRoutes } from './key-more-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { organizationMemberRoutes } from './organization-member-routes.ts';
import { organizationRoutes } from './organization-routes.ts';
import type { LitellmPorts } from './ports.ts';
import { projectRoutes } from './project-routes.ts';
import { spendRoutes } from './spend-routes.ts';
import { tagRoutes } from './tag-routes.ts';
import { teamRoutes } from './team-routes.ts';
import { usageRoutes } from './usage-routes.ts';
import { userRoutes } from './user-routes.ts';

/** The admin API in the shapes of LiteLLM, for clients and scripts that know it. */
export const litellmRoutes = (ports: LitellmPorts): readonly ControlRoute[] => [
  ...keyRoutes(ports),
  ...userRoutes(ports),
  ...teamRoutes(ports),
  ...organizationRoutes(ports),
  ...budgetRoutes(ports),
  ...customerRoutes(ports),
  ...modelRoutes(ports),
  ...spendRoutes(ports),
  ...healthRoutes(ports),
  ...accessGroupRoutes(ports),
  ...configRoutes(ports),
  ...credentialRoutes(ports),
  ...fallbackRoutes(ports),
  ...keyMoreRoutes(ports),
  ...organizationMemberRoutes(ports),
  ...projectRoutes(ports),
  ...tagRoutes(ports),
  ...usageRoutes(ports),
  ...activityRoutes(ports),
  importRoute(ports),
];

const ADMIN_PATHS = new Set(['/v1/model/info', '/v2/model/info', '/v2/key/info', '/v2/team/list', '/v2/user/info']);

/** Whether a path that begins like the data plane belongs to the admin API. */
export const isAdminPath = (path: string): boolean => ADMIN_PATHS.has(path);
