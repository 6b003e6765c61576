export { LiveMap } from './live-map.ts';
