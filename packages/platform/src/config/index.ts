export { type ClientConfig, type ClientFlags, readClientConfig } from './client-config.ts';
export { type Config, type ConfigFlags, childEnvironment, type Environment, forgetForeignTracing, readConfig, resolveSecret, runsInCluster } from './config.ts';
export { loadMasterKey, type MasterKeyOptions } from './master-key.ts';
export { providerModels } from './provider-models.ts';
