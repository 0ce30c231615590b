/** `node:constants`: those of os, fs and crypto in one object. */
import { part } from '../core/facade.ts';
import { fsConstants } from './shared/fs-constants.ts';

const { dlopen, errno, priority, signals } = part('node-os').constants;

export default Object.freeze({
  ...dlopen,
  ...errno,
  ...priority,
  ...signals,
  ...fsConstants,
  ...part('node-crypto').constants,
});
