/** What the Pod Security level `restricted` asks of a pod. */
export const podSecurity = Object.freeze({
  runAsNonRoot: true,
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
});

/** What it asks of a container. */
export const containerSecurity = Object.freeze({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
