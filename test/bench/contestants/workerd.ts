/** workerd, the runtime of Cloudflare Workers, whose package brings its binary along. */
import { copyFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import type { Contestant } from '../contestant.ts';
import type { FunctionFile } from '../functions.ts';

const compatibilityDate = '2026-11-01';

export const workerd: Contestant = {
  name: 'workerd',
  title: 'workerd',
  isolation: 'an isolate per function that lives on, all in one process; no limits',
  dialect: 'web',
  async command({ folder, port, functions }) {
    for (const { name, file } of functions) await copyFile(file, join(folder, `${name}.mjs`));
    await writeFile(join(folder, 'router.mjs'), router);
    await writeFile(join(folder, 'config.capnp'), configure(port, functions));
    return { file: binary(), args: ['serve', 'config.capnp'] };
  },
};

/** Where there are several functions, finds the one of the path. */
const router = `export default {
  fetch(request, env) {
    return env[new URL(request.url).pathname.slice(1)].fetch(request);
  },
};
`;

function configure(port: number, functions: readonly FunctionFile[]): string {
  const names = functions.map(({ name }) => name);
  const [first] = names;
  const services = names.map((name) => service(name, ''));
  if (names.length > 1) {
    const bindings = names.map((name) => `(name = "${name}", service = "${name}")`);
    services.push(service('router', `bindings = [${bindings.join(', ')}],`));
  }
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${services.join(',\n    ')},
    (name = "internet", network = (allow = ["public", "private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "${names.length > 1 ? 'router' : first}")]
);
`;
}

function service(name: string, bindings: string): string {
  const modules = `[(name = "${name}", esModule = embed "${name}.mjs")]`;
  return `(name = "${name}", worker = (modules = ${modules}, ${bindings} compatibilityDate = "${compatibilityDate}"))`;
}

function binary(): string {
  const requireOfWorkerd = createRequire(createRequire(import.meta.url).resolve('workerd/package.json'));
  const arch = process.arch === 'x64' ? '64' : process.arch;
  return requireOfWorkerd.resolve(`@cloudflare/workerd-${process.platform}-${arch}/bin/workerd`);
}
