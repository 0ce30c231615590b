/** One function in the server of the Functions Framework. Its command line listens on all addresses; this one does not. */
import { createRequire } from 'node:module';
import { type HttpFunction, http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { onlyFunction, serverArguments } from './arguments.ts';

const { port, functions } = serverArguments();
const { name, file } = onlyFunction(functions);
const { handler } = createRequire(import.meta.url)(file) as { handler: HttpFunction };
http(name, handler);
getTestServer(name).listen(port, '127.0.0.1');
