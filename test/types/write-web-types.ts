import { writeFile } from 'node:fs/promises';
import { testSandbox } from '../support/sandbox.ts';
import { guestShape } from './guest-shape.ts';
import { webTypes } from './web-types.ts';

await using sandbox = await testSandbox();
await writeFile(new URL('../../types/web.d.ts', import.meta.url), await webTypes(await guestShape(sandbox)));
