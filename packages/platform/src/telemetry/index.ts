export { holdHeapGrowth, limitHeapGrowth } from './heap-growth.ts';
export { keepTickShape } from './keep-tick-shape.ts';
export { createLog, LOG_LEVELS, type Log, type LogLevel, silentLog } from './log.ts';
