export { type ClientConfig, type ClientFlags, readClientConfig } from './client-config.ts';
export {
  type Config,
  type ConfigFlags,
  childEnvironment,
  cloudEnvironment,
  type Environment,
  forgetForeignTracing,
  readConfig,
  readVariable,
  resolveSecret,
  runsInCluster,
} from './config.ts';
export { loadMasterKey, type MasterKeyOptions } from './master-key.ts';
export { providerModels } from './provider-models.ts';
