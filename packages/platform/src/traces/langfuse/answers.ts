/** `GET /api/public/health`. */
export const langfuseHealth = (version: string): { readonly status: 'OK'; readonly version: string } => ({ status: 'OK', version });

/** `GET /api/public/projects`: the one project of a key. The SDKs ask for it to check their credentials. */
export const langfuseProjects = (tenant: string) => ({
  data: [{ id: tenant, name: tenant, organization: { id: tenant, name: tenant }, metadata: {}, retentionDays: null }],
});
