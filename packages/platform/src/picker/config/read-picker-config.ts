import { PlatformError } from '@maru/api/errors';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Profile } from '#router';
import { DEFAULT_SATURATION, type SaturationLimits } from '../choose/saturation.ts';
import { type ConfigFile, configSchema, detectorParameters, pickerParameters } from './config-schema.ts';
import { isKnownPlugin, isPicker, isScorer, PICKERS } from './known-plugins.ts';

/** What an EndpointPickerConfig asks for, in the words of the router. */
export interface PickerConfig {
  /** Undefined where the file has no profiles: then the default profile of llm-d is in force. */
  readonly profile: Profile | undefined;
  readonly maxEndpoints: number;
  readonly saturation: SaturationLimits;
  /** `file:line: …`: what the file asks for and does not get. */
  readonly warnings: readonly string[];
}

type Path = readonly (string | number)[];
type Plugin = NonNullable<ConfigFile['plugins']>[number];

/** Reads an EndpointPickerConfig. Throws `config_invalid` with file and line for what is no such file; what is not known is a warning. */
export function readPickerConfig(text: string, file: string): PickerConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number): string => `${file}:${Math.max(1, lines.linePos(offset).line)}`;
  const place = (path: Path): string => at(offsetOf(document, path));
  const [broken] = document.errors;
  if (broken !== undefined) throw invalid(`${at(broken.pos[0])}: ${broken.message}`);
  const found = configSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!found.success) throw invalid(issueText(found.error, place));

  const config = found.data;
  const warnings: string[] = [];
  const warn = (path: Path, message: string): void => void warnings.push(`${place(path)}: ${message}`);
  const plugins = pluginsByName(config, warn);
  const read = <T>(schema: z.ZodType<T>, type: string): T | undefined => {
    const entry = [...plugins.values()].find(({ plugin }) => plugin.type === type);
    if (entry === undefined) return undefined;
    const path = ['plugins', entry.index, 'parameters'];
    const parameters = schema.safeParse(entry.plugin.parameters ?? {});
    if (parameters.success) return parameters.data;
    throw invalid(issueText(parameters.error, (inner) => place([...path, ...inner])));
  };
  if (config.flowControl != null)
    warn(
      ['flowControl'],
      'flow control is not read from the file: --max-wait lets requests wait, without it those of a priority below 0 are shed when the endpoints are full',
    );
  for (const [index, gate] of (config.featureGates ?? []).entries()) warn(['featureGates', index], `there is no feature gate "${gate}" here`);

  const profile = readProfile(config, plugins, { warn, place });
  const detector = { ...config.saturationDetector, ...read(detectorParameters, 'utilization-detector') };
  return {
    profile: profile?.profile,
    maxEndpoints: (profile === undefined ? undefined : read(pickerParameters, profile.pickerType))?.maxNumOfEndpoints ?? 1,
    saturation: {
      queueDepth: detector.queueDepthThreshold ?? DEFAULT_SATURATION.queueDepth,
      kvUse: detector.kvCacheUtilThreshold ?? DEFAULT_SATURATION.kvUse,
    },
    warnings,
  };
}

type Plugins = ReadonlyMap<string, { readonly plugin: Plugin; readonly index: number }>;

function pluginsByName(config: ConfigFile, warn: (path: Path, message: string) => void): Plugins {
  const plugins = new Map<string, { plugin: Plugin; index: number }>();
  for (const [index, plugin] of (config.plugins ?? []).entries()) {
    if (!isKnownPlugin(plugin.type)) warn(['plugins', index], `the plug-in "${plugin.type}" is not known and has no effect`);
    plugins.set(plugin.name ?? plugin.type, { plugin, index });
  }
  return plugins;
}

interface Reader {
  readonly warn: (path: Path, message: string) => void;
  readonly place: (path: Path) => string;
}

function readProfile(config: ConfigFile, plugins: Plugins, { warn, place }: Reader): { readonly profile: Profile; readonly pickerType: string } | undefined {
  const profiles = config.schedulingProfiles ?? [];
  const at = Math.max(
    0,
    profiles.findIndex(({ name }) => name === 'default' || name === 'decode'),
  );
  const chosen = profiles[at];
  if (chosen === undefined) return undefined;
  for (const [index, { name }] of profiles.entries())
    if (index !== at) warn(['schedulingProfiles', index], `only the profile "${chosen.name}" is used; "${name}" has no effect`);
  const scorers: { type: string; weight: number }[] = [];
  let pickerType: keyof typeof PICKERS = 'max-score-picker';
  for (const [index, { pluginRef, weight }] of (chosen.plugins ?? []).entries()) {
    const path = ['schedulingProfiles', at, 'plugins', index];
    const type = plugins.get(pluginRef)?.plugin.type;
    if (type === undefined) throw invalid(`${place(path)}: no plug-in is called "${pluginRef}"; name one of: ${[...plugins.keys()].join(', ')}`);
    if (isPicker(type)) pickerType = type;
    // A scorer of weight 0 is not asked.
    else if (isScorer(type) && weight !== 0) scorers.push({ type, weight: weight ?? 1 });
  }
  return { profile: { name: `profile ${chosen.name}`, scorers, picker: PICKERS[pickerType] }, pickerType };
}

/** Where a path begins; the nearest parent where the path itself is absent. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range != null) return node.range[0];
  }
  return 0;
}

function issueText(error: z.ZodError, place: (path: Path) => string): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => {
      const keys = path.filter((key) => typeof key !== 'symbol');
      return `${place(keys)}: ${keys.join('.')}: ${message}`;
    })
    .join('\n');
}

const invalid = (message: string): PlatformError => new PlatformError('config_invalid', { message });
