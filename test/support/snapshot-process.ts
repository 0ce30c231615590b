/** Looks at the code cache in a process without the flags of `isohost start`. */
import ivm from 'isolated-vm';
import { createInlineCodeCacheMaker } from '../../sandbox/inline-code-cache.ts';
import { codeCacheOf } from '../../sandbox/isolate.ts';
import { RuntimeImages } from '../../sandbox/runtime-image.ts';
import { functionOf, handler, runtimeSources } from './sandbox.ts';

const { source, cache } = await new RuntimeImages(runtimeSources, createInlineCodeCacheMaker()).for(
  functionOf(handler('return new Response("x")')),
);
const isolate = new ivm.Isolate({ memoryLimit: 32 });
const script = isolate.compileScriptSync(source, {
  ...(cache !== undefined && { cachedData: codeCacheOf(cache) }),
  filename: 'isohost:runtime',
}) as { cachedDataRejected?: boolean };
process.stdout.write(
  JSON.stringify({ execArgv: process.execArgv, hasCache: cache !== undefined, isRejected: script.cachedDataRejected }),
);
