/** `node:assert/strict` */
import { part } from '../core/facade.ts';

export default part('node-assert').default.strict;
