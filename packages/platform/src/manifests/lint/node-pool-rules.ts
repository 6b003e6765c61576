import type { KubeManifest } from '../manifest.ts';
import { at, type Finding, fields, type LintRule, list, nameOf } from './finding.ts';

const pools = (objects: readonly KubeManifest[]): readonly KubeManifest[] => objects.filter((object) => object.kind === 'NodePool');
const issue = (
  rule: string,
  object: KubeManifest,
  at: { readonly path: string; readonly message: string; readonly severity?: Finding['severity'] },
): Finding => ({
  rule,
  severity: at.severity ?? 'error',
  object: nameOf(object),
  path: at.path,
  message: at.message,
});

/** A budget with a schedule and no duration, or the other way round, is refused by the API server. */
export const scheduledBudgets: LintRule = (objects) =>
  pools(objects).flatMap((pool) => {
    const budgets = list(at(pool, 'spec.disruption.budgets'));
    const halves = budgets.flatMap((budget, index) =>
      (budget['schedule'] === undefined) === (budget['duration'] === undefined)
        ? []
        : [issue('scheduled-budgets', pool, { path: `spec.disruption.budgets.${index}`, message: 'schedule (in UTC) and duration must come together' })],
    );
    const always = budgets.some((budget) => budget['schedule'] === undefined);
    const open =
      budgets.length > 0 && !always
        ? [
            issue('scheduled-budgets', pool, {
              path: 'spec.disruption.budgets',
              severity: 'warning',
              message: 'outside of the schedules nothing limits disruption; add a budget without a schedule, for example nodes: 10%',
            }),
          ]
        : [];
    return [...halves, ...open];
  });

/** Requirements speak of labels; a resource name or an unknown key of Karpenter's own domain matches nothing. */
export const knownRequirementKeys: LintRule = (objects) =>
  pools(objects).flatMap((pool) =>
    list(at(pool, 'spec.template.spec.requirements')).flatMap((requirement, index) => {
      const key = String(requirement['key']);
      const advice = KEY_ADVICE[key];
      return advice === undefined
        ? []
        : [
            issue('known-requirement-keys', pool, {
              path: `spec.template.spec.requirements.${index}.key`,
              message: `${key} is not a label of nodes; use ${advice}`,
            }),
          ];
    }),
  );

const KEY_ADVICE: Readonly<Record<string, string>> = {
  'nvidia.com/gpu': 'karpenter.k8s.aws/instance-gpu-count',
  'karpenter.sh/instance-family': 'karpenter.k8s.aws/instance-family',
};

/** An alias with `@latest` replaces every node whenever a new image is published. */
export const fixedMachineImage: LintRule = (objects) =>
  objects
    .filter((object) => object.kind === 'EC2NodeClass')
    .flatMap((object) =>
      list(at(object, 'spec.amiSelectorTerms')).flatMap((term, index) =>
        String(term['alias'] ?? '').endsWith('@latest')
          ? [
              issue('fixed-machine-image', object, {
                path: `spec.amiSelectorTerms.${index}.alias`,
                severity: 'warning',
                message: 'nodes drift whenever a new image is published; write a version such as al2023@v20260801',
              }),
            ]
          : [],
      ),
    );

/** A GPU has seven compute slices. */
const MAX_SLICES = 7;

export const migFits: LintRule = (objects) =>
  objects
    .filter((object) => object.kind === 'ConfigMap' && typeof fields(object['data'])['config.yaml'] === 'string')
    .flatMap((object) => {
      const text = String(fields(object['data'])['config.yaml']);
      const used = [...text.matchAll(/^\s*"?(\d+)g\.\d+gb"?:\s*(\d+)\s*$/gm)].reduce((sum, [, slices, count]) => sum + Number(slices) * Number(count), 0);
      return used <= MAX_SLICES
        ? []
        : [issue('mig-fits', object, { path: 'data.config.yaml', message: `the profiles take ${used} compute slices and a GPU has ${MAX_SLICES}` })];
    });
