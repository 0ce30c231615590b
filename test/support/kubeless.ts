import { type Environment, readKubelessEnvironment } from '../../src/kubeless/environment.ts';
import { startKubeless } from '../../src/kubeless/start.ts';
import { temporaryFolder, type TemporaryFolder } from './files.ts';
import { exchange } from './raw-http.ts';

export interface KubelessTestServer extends AsyncDisposable {
  readonly url: string;
  readonly out: readonly string[];
  readonly error: readonly string[];
  readonly folder: TemporaryFolder;
}

/** A server started from an environment, with the given files in its root and any free port. */
export async function kubelessServer(
  files: Readonly<Record<string, string>>,
  env: Environment = {},
): Promise<KubelessTestServer> {
  const folder = await temporaryFolder(files);
  const out: string[] = [];
  const error: string[] = [];
  const { server, stop } = await startKubeless(
    readKubelessEnvironment({
      MOD_NAME: 'mod',
      FUNC_HANDLER: 'foo',
      MOD_ROOT_PATH: folder.path,
      FUNC_PORT: '0',
      // Each takes its time to start.
      ISOHOST_CELLS: '1',
      ...env,
    }),
    { out: (line) => out.push(line), error: (line) => error.push(line) },
  );
  return {
    url: `http://127.0.0.1:${server.port}`,
    out,
    error,
    folder,
    async [Symbol.asyncDispose]() {
      server.destroy();
      await stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A server whose function does what the header `event-type` says, so that one is enough for many cases. */
export interface CaseServer extends KubelessTestServer {
  call(name: string, init?: RequestInit, path?: string): Promise<Response>;
  /** Status, content type and body: most of what a caller sees. */
  seen(name: string, init?: RequestInit): Promise<[number, string | null, string]>;
  /** What comes back for a request of exactly this first line and these header lines, over a connection of its own. */
  ask(name: string, line?: string, ...headers: string[]): Promise<string>;
}

export interface CaseOptions {
  /** Code at the module level, before the cases. */
  readonly prelude?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Environment;
}

/** @param cases Bodies of functions of `event` and `context`, by name. */
export async function caseServer(
  cases: Readonly<Record<string, string>>,
  { prelude = '', files = {}, env = {} }: CaseOptions = {},
): Promise<CaseServer> {
  const bodies = Object.entries(cases).map(([name, body]) => `${JSON.stringify(name)}(event, context) { ${body} }`);
  const source = `${prelude}
const cases = { ${bodies.join(',\n')} };
module.exports = { foo(event, context) { return cases[event['event-type']].call(undefined, event, context) } };`;
  const server = await kubelessServer({ 'mod.js': source, ...files }, env);
  const call: CaseServer['call'] = (name, init = {}, path = '/') =>
    fetch(server.url + path, {
      ...init,
      headers: { 'event-type': name, ...(init.headers as Record<string, string>) },
      redirect: 'manual',
    });
  return {
    ...server,
    call,
    async seen(name, init) {
      const response = await call(name, init);
      return [response.status, response.headers.get('content-type'), await response.text()];
    },
    ask: (name, line = 'GET / HTTP/1.1', ...headers) =>
      exchange(
        server.url,
        [line, 'Host: h', `Event-Type: ${name}`, 'Connection: close', ...headers, '', ''].join('\r\n'),
      ),
  };
}

export const json = 'application/json; charset=utf-8';
export const html = 'text/html; charset=utf-8';
/** What the client sees of a function that failed. */
export const failure: [number, string, string] = [500, html, 'Internal Server Error'];

/** What follows the head of an answer. */
export function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}
