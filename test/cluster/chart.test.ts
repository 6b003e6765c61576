import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connectKube, type Kube, type KubeObject } from '../../packages/platform/src/kube/index.ts';
import { lintManifests } from '../../packages/platform/src/manifests/index.ts';
import { createOperator, OWNED_KINDS } from '../../packages/platform/src/operator/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createSeededIds, createSystemClock } from '../../packages/platform/src/time/index.ts';
import { connectAdmin, createNamespace, eventually, installCrds } from './cluster.ts';
import { CHART, RELEASE, renderChart } from './render-chart.ts';
import { quickstartResources } from './resources.ts';
import { LIMITED_TOKEN, LIMITED_USER } from './start-control-plane.ts';
import { readUpstreamCrds } from './upstream-crds.ts';

const NAMESPACE = RELEASE.Namespace;
const placed = (object: KubeObject): KubeObject =>
  object.kind.startsWith('Cluster') ? object : { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } };

describe('chart', () => {
  let kube: Kube;

  beforeAll(async () => {
    kube = await connectAdmin();
    await createNamespace(kube, NAMESPACE, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    await installCrds(kube, readUpstreamCrds());
  });
  afterAll(() => kube.close());

  it.each([
    ['with its defaults', () => undefined],
    [
      'with a volume, a database, secrets and resources',
      (values: Record<string, Record<string, unknown>>) => {
        Object.assign(values['gateway'] ?? {}, { storage: '10Gi', databaseSecret: 'db', environmentSecrets: ['openai'] });
        Object.assign(values['operator'] ?? {}, { watchNamespace: 'ai', replicas: 2 });
        values['resources'] = { 'models.yaml': 'apiVersion: maru.dev/v1alpha1\nkind: Model\n' };
      },
    ],
    [
      'with replicas that share limits and caches in Redis and know each other',
      (values: Record<string, Record<string, unknown>>) => {
        Object.assign(values['gateway'] ?? {}, { replicas: 3, databaseSecret: 'db', limitsRedisSecret: 'limits', cacheRedisSecret: 'cache', peers: 'auto' });
      },
    ],
  ])('%s is accepted by the API server, pods included', async (_what, change) => {
    const objects = renderChart(change);
    for (const object of objects) await kube.apply(placed(object), { dryRun: true, force: true });
    for (const object of objects.filter((each) => each.kind === 'Deployment')) {
      const { template } = object['spec'] as { template: { metadata: object } };
      await kube.create(
        { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name: object.metadata.name, namespace: NAMESPACE } } as KubeObject,
        { dryRun: true },
      );
    }
    expect(lintManifests(objects as Parameters<typeof lintManifests>[0])).toEqual([]);
  });

  it('says where limits and caches lie by Secrets only, and who the other replicas are', () => {
    const gatewayOf = (gateway: object) => {
      const objects = renderChart((values) => void Object.assign(values['gateway'] ?? {}, gateway));
      const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'maru-gateway');
      const spec = deployment?.['spec'] as { template: { spec: { containers: { env: { name: string }[] }[] } } } | undefined;
      const env = spec?.template.spec.containers[0]?.env ?? [];
      return { env: env.filter(({ name }) => /REDIS|PEERS/.test(name)), peers: objects.find(({ metadata }) => metadata.name === 'maru-peers') };
    };
    const fromSecret = (name: string, secret: string) => ({ name, valueFrom: { secretKeyRef: { name: secret, key: 'url' } } });

    expect(gatewayOf({})).toEqual({ env: [], peers: undefined });
    expect(gatewayOf({ limitsRedisSecret: 'limits', cacheRedisSecret: 'cache' }).env).toEqual([
      fromSecret('MARU_LIMITS_REDIS_URL', 'limits'),
      fromSecret('MARU_REDIS_URL', 'cache'),
    ]);
    expect(gatewayOf({ peers: 'http://other:4000' })).toEqual({ env: [{ name: 'MARU_PEERS', value: 'http://other:4000' }], peers: undefined });
    const auto = gatewayOf({ peers: 'auto' });
    expect(auto.env).toEqual([{ name: 'MARU_PEERS', value: 'http://maru-peers:4000' }]);
    expect(auto.peers?.['spec']).toMatchObject({ clusterIP: 'None', selector: { 'app.kubernetes.io/component': 'gateway' }, ports: [{ port: 4000 }] });
  });

  it('gives the operator rights on what it owns, and on no secret, pod or role', () => {
    const role = renderChart().find((object) => object.kind === 'ClusterRole') as unknown as {
      rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
    };
    const own = role.rules
      .filter((rule) => rule.verbs.includes('delete'))
      .flatMap((rule) => rule.apiGroups.map((group) => group))
      .sort();
    const groups = [...new Set(OWNED_KINDS.map((kind) => (kind.apiVersion.includes('/') ? (kind.apiVersion.split('/')[0] ?? '') : '')))].sort();
    expect(own).toEqual(groups);
    const text = JSON.stringify(role.rules);
    for (const word of ['"secrets"', '"pods"', '"clusterroles"', '"*"']) expect(text).not.toContain(word);
  });

  it('names every CRD of its folder in the rights', () => {
    const files = readdirSync(join(CHART, 'crds')).map((file) => file.replace(/\.yaml$/, ''));
    const role = renderChart().find((object) => object.kind === 'ClusterRole') as unknown as { rules: { resourceNames?: string[] }[] };
    expect(role.rules.flatMap((rule) => rule.resourceNames ?? []).sort()).toEqual(files.sort());
  });

  it('gives exactly enough: the operator brings the quickstart up and down as that user', async () => {
    const subject = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: LIMITED_USER };
    for (const object of renderChart().filter((each) => /Role/.test(each.kind))) {
      await kube.apply(placed({ ...object, ...(object.kind.endsWith('Binding') ? { subjects: [subject] } : {}) }), { force: true });
    }
    const failures: string[] = [];
    const log = {
      ...silentLog,
      warn: (fields: object, message: string) => void failures.push(`${message} ${JSON.stringify(fields)}`),
      error: (fields: object, message: string) => void failures.push(`${message} ${JSON.stringify(fields)}`),
    };
    const limited = await connectKube({ type: 'token', server: inject('server'), token: LIMITED_TOKEN, insecureSkipTlsVerify: true });
    const operator = createOperator({
      kube: limited,
      clock: createSystemClock(),
      ids: createSeededIds(),
      log,
      namespace: NAMESPACE,
      watchNamespace: NAMESPACE,
      identity: 'limited',
    });
    await operator.ready;

    const resources = quickstartResources().filter((resource) => ['Model', 'Route', 'GpuPool'].includes(resource.kind));
    for (const resource of resources) await kube.apply(placed(resource as unknown as KubeObject), { force: true });
    await eventually('HTTPRoute', () => kube.get({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', namespace: NAMESPACE, name: 'auto' }));
    await eventually('NodePool', () => kube.get({ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', name: 'inference' }));
    for (const resource of resources)
      await kube.delete({ apiVersion: resource.apiVersion, kind: resource.kind, namespace: NAMESPACE, name: resource.metadata.name });
    for (const resource of resources) {
      await eventually(`${resource.kind} ${resource.metadata.name} gone`, async () =>
        (await kube.get({ apiVersion: resource.apiVersion, kind: resource.kind, namespace: NAMESPACE, name: resource.metadata.name })) === undefined
          ? true
          : undefined,
      );
    }
    await operator.close();
    await limited.close();

    expect(failures.filter((line) => line.includes('forbidden'))).toEqual([]);
  });
});
