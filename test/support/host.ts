import { createHost, type Host, type HostOptions } from '../../src/index.ts';
import { createApp } from '../../src/app.ts';
import { type RunningServer, serve } from '../../src/server.ts';

/** A host with functions of code, by name (or `tenant/name`). */
export async function testHost(
  functions: Readonly<Record<string, string>> = {},
  options: HostOptions = {},
): Promise<Host> {
  const host = await createHost(options);
  await Promise.all(
    Object.entries(functions).map(([name, source]) => {
      const [tenant, own] = name.includes('/') ? (name.split('/') as [string, string]) : [undefined, name];
      return host.deploy({ tenant, name: own, source });
    }),
  );
  return host;
}

export interface TestServer extends AsyncDisposable {
  readonly host: Host;
  readonly server: RunningServer;
  readonly url: string;
}

/** The same behind a port. */
export async function testServer(
  functions: Readonly<Record<string, string>>,
  options: HostOptions = {},
): Promise<TestServer> {
  const host = await testHost(functions, options);
  const server = await serve(() => createApp(host), { port: 0, host: '127.0.0.1' });
  return {
    host,
    server,
    url: server.url,
    async [Symbol.asyncDispose]() {
      const closed = server.close();
      server.destroy();
      await closed;
      await host.close();
    },
  };
}

/** A handler of its body: `fetch('return new Response("x")')`. */
export function fn(body: string): string {
  return `export default async (request, env, ctx) => {${body}\n}`;
}

export function get(host: Host, path: string, init?: RequestInit): Promise<Response> {
  return host.fetch(new Request(`http://localhost${path}`, init));
}
