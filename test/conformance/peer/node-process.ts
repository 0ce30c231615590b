/** A process that runs one test of a folder in Node itself: what the test answers goes to the standard output. */
import process from 'node:process';
import { pathToFileURL } from 'node:url';

type Run = (request: Request, env: object, ctx: object) => Promise<Response>;

const [folder, name] = process.argv.slice(2);
const { default: run } = (await import(pathToFileURL(`${folder!}/adapter.js`).href)) as { default: Run };
const ctx = { waitUntil() {}, passThroughOnException() {} };
const response = await run(new Request(`http://localhost/${encodeURIComponent(name!)}`), {}, ctx);
const text = await response.text();
process.stdout.write(`\n${text}`, () => process.exit(0));
