import type { Config } from '#config';
import type { LitellmSettings } from '#resources';

/** The settings of the process with those of a LiteLLM configuration; a master key and a Redis of the environment win over those of the file. */
export function withFileSettings(config: Config, settings: LitellmSettings | undefined): Config {
  if (settings === undefined) return config;
  return {
    ...config,
    masterKey: config.masterKey ?? settings.masterKey,
    redisUrl: config.redisUrl ?? settings.redisUrl,
    maxBodyBytes: settings.maxBodyBytes ?? config.maxBodyBytes,
    captureContent: config.captureContent || (settings.captureContent ?? false),
  };
}
