/** A process that runs one test file in Node itself: the text of the test comes on the standard input, the results go to the standard output. */
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { runInThisContext } from 'node:vm';

// What a test leaves unhandled is no reason to lose its other results.
process.on('uncaughtException', () => {});
process.on('unhandledRejection', () => {});

const results = await (runInThisContext(await text(process.stdin)) as Promise<string>);
process.stdout.write(results, () => process.exit(0));
