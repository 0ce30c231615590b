/** `_stream_passthrough`, by which old packages ask for a class of `node:stream`. */
import { part } from '../core/facade.ts';

export default (part('node-stream').default as unknown as Record<string, object>)['PassThrough']!;
