import { describe, expect, it } from 'vitest';
import { readPickerConfig } from './read-picker-config.ts';

const HEAD = 'apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\n';
const read = (body: string) => readPickerConfig(HEAD + body, 'epp.yaml');

describe('EndpointPickerConfig', () => {
  it('becomes a profile with the scorers, weights and the picker of the file', () => {
    const config = read(`plugins:
- type: queue-scorer
- type: prefix-cache-scorer
  name: prefix
- type: max-score-picker
  parameters: {maxNumOfEndpoints: 3}
- type: utilization-detector
  parameters: {queueDepthThreshold: 8, kvCacheUtilThreshold: 0.9}
schedulingProfiles:
- name: default
  plugins:
  - {pluginRef: prefix, weight: 50}
  - {pluginRef: queue-scorer}
  - {pluginRef: max-score-picker}
`);

    expect(config).toEqual({
      profile: {
        name: 'profile default',
        picker: 'max-score',
        scorers: [
          { type: 'prefix-cache-scorer', weight: 50 },
          { type: 'queue-scorer', weight: 1 },
        ],
      },
      maxEndpoints: 3,
      saturation: { queueDepth: 8, kvUse: 0.9 },
      warnings: [],
    });
  });

  it('has the defaults of llm-d where it says nothing', () => {
    expect(read('')).toEqual({ profile: undefined, maxEndpoints: 1, saturation: { queueDepth: 5, kvUse: 0.8 }, warnings: [] });
  });

  it('names what has no effect, with file and line', () => {
    const { warnings, profile } = read(`featureGates: [flowControl]
plugins:
- type: moon-phase-scorer
- type: queue-scorer
flowControl: {maxRequests: 5}
schedulingProfiles:
- name: prefill
  plugins: [{pluginRef: queue-scorer}]
- name: decode
  plugins: [{pluginRef: queue-scorer, weight: 2}, {pluginRef: moon-phase-scorer, weight: 9}]
`);

    expect(warnings).toEqual([
      'epp.yaml:5: the plug-in "moon-phase-scorer" is not known and has no effect',
      'epp.yaml:7: flow control is not read from the file: --max-wait lets requests wait, without it those of a priority below 0 are shed when the endpoints are full',
      'epp.yaml:3: there is no feature gate "flowControl" here',
      'epp.yaml:9: only the profile "decode" is used; "prefill" has no effect',
    ]);
    expect(profile?.scorers).toEqual([{ type: 'queue-scorer', weight: 2 }]);
  });

  it.each([
    ['plugins: [', 'epp.yaml:3'],
    ['plugins:\n- name: a\n', 'epp.yaml:4: plugins.0.type: '],
    [
      'plugins:\n- type: max-score-picker\n  parameters: {maxNumOfEndpoints: 0}\nschedulingProfiles: [{name: d, plugins: [{pluginRef: max-score-picker}]}]',
      'epp.yaml:5: maxNumOfEndpoints: ',
    ],
    ['schedulingProfiles:\n- name: default\n  plugins:\n  - pluginRef: nobody\n', 'epp.yaml:6: no plug-in is called "nobody"'],
    ['saturationDetector: {queueDepthThreshold: -1}\n', 'epp.yaml:3: saturationDetector.queueDepthThreshold: '],
  ])('refuses %j', (body, message) => {
    expect(() => read(body)).toThrow(message);
  });

  it('refuses what is another kind of file', () => {
    expect(() => readPickerConfig('apiVersion: v1\nkind: ConfigMap\n', 'a.yaml')).toThrow('a.yaml:1: apiVersion: ');
    expect(() => readPickerConfig('', 'a.yaml')).toThrow('a.yaml:1: ');
  });
});
