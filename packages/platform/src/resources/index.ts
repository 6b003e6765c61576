export { checkSet, referencesOf } from './check-set.ts';
export { findCycle } from './find-cycle.ts';
export { type LoadedFiles, loadFiles } from './load-files.ts';
export { nearestName } from './nearest-name.ts';
export { checkResource, type LoadedResource, type ParsedResources, parseResources } from './parse-resources.ts';
export { formatProblem, problemsError } from './problem.ts';
export { type ApplyReport, openRegistry, type Registry, type StoredResource } from './registry.ts';
export { watchFiles } from './watch-files.ts';
