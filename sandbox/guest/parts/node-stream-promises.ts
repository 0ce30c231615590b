/** `node:stream/promises` */
import { part } from '../core/facade.ts';

const { finished, pipeline } = part('node-stream').default.promises;

export default { finished, pipeline };
