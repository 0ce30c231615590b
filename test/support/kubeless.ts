import { type Environment, readKubelessEnvironment } from '../../src/kubeless/environment.ts';
import { startKubeless } from '../../src/kubeless/start.ts';
import { temporaryFolder, type TemporaryFolder } from './files.ts';

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
