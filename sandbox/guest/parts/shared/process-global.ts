/** Stands in for the free name `process` in packages that parts are made of. */
export { process } from '../node-process.ts';
