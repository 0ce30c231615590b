/**
 * One function as the Node.js runtime of Kubeless served it: Express 4, and `vm.runInNewContext` with a time limit for two lines that load
 * the module and call its handler. Written after what that runtime did, without its access log, which no other contestant writes.
 */
import bodyParser from 'body-parser';
import express, { type Request, type Response } from 'express';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { Counter, Histogram } from 'prom-client';
import { onlyFunction, serverArguments } from './arguments.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const { port, functions } = serverArguments();
const { name, file } = onlyFunction(functions);
const require = createRequire(import.meta.url);
const handlerName = 'handler';
const timeoutSeconds = 180;
const context = {
  'function-name': handlerName,
  timeout: timeoutSeconds,
  runtime: 'nodejs14',
  'memory-limit': '0',
};

const labelNames = ['method'];
const durations = new Histogram({
  name: 'function_duration_seconds',
  help: 'Duration of user function in seconds',
  labelNames,
});
const calls = new Counter({ name: 'function_calls_total', help: 'Number of calls to user function', labelNames });
const failures = new Counter({
  name: 'function_failures_total',
  help: 'Number of exceptions in user function',
  labelNames,
});

const script = new Script(`require('kubeless')(require(${JSON.stringify(file)}));\n`);
const app = express();
app.use(
  bodyParser.raw({ type: (request) => !request.headers['content-type']?.startsWith('multipart/'), limit: '1mb' }),
);
app.all('*', (request, response) => {
  response.header('Access-Control-Allow-Origin', '*');
  const label = `${name}-${request.method}`;
  const stop = durations.labels(label).startTimer();
  calls.labels(label).inc();
  const sandbox = {
    ...globalThis,
    __filename: file,
    __dirname: dirname(file),
    module: { exports: {} },
    require: (id: string): unknown =>
      id === 'kubeless' ? (module: unknown) => execute(module, request, response, stop) : require(id),
  };
  try {
    script.runInNewContext(sandbox, { timeout: timeoutSeconds * 1_000 });
  } catch (error) {
    fail(error, request, response, stop);
  }
});
app.listen(port, '127.0.0.1');

function execute(module: unknown, request: Request, response: Response, stop: () => void): void {
  const handler = (typeof module === 'function' ? module : (module as Record<string, unknown>)[handlerName]) as Handler;
  const event = {
    'event-type': request.get('event-type'),
    'event-id': request.get('event-id'),
    'event-time': request.get('event-time'),
    'event-namespace': request.get('event-namespace'),
    data: dataOf(request),
    extensions: { request, response },
  };
  Promise.resolve(handler(event, context)).then(
    (result) => {
      finish(result, response);
      stop();
    },
    (error: unknown) => fail(error, request, response, stop),
  );
}

function dataOf(request: Request): unknown {
  const body = request.body as unknown;
  if (!Buffer.isBuffer(body)) return body;
  const text = body.toString('utf8');
  return request.is('application/json') && text !== '' ? JSON.parse(text) : text;
}

function finish(result: unknown, response: Response): void {
  if (response.writableEnded) return;
  if (typeof result === 'string') response.end(result);
  else if (typeof result === 'object') response.json(result);
  else response.end(JSON.stringify(result));
}

function fail(error: unknown, request: Request, response: Response, stop: () => void): void {
  failures.labels(`${name}-${request.method}`).inc();
  stop();
  process.stderr.write(`Function failed to execute: ${String((error as Error)?.stack)}\n`);
  response.status(500).send('Internal Server Error');
}
