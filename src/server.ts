/** The only file that opens a port. */
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AppBindings } from './app.ts';
import { HostError } from './errors.ts';
import { isSocketRequest, Upgrade } from './upgrade.ts';

export interface RunningServer {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /** Takes no more connections; resolves when those that are busy are done. */
  close(): Promise<void>;
  /** Cuts the connections that are left. */
  destroy(): void;
}

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
}

interface Servable {
  fetch(request: Request, bindings: AppBindings): Response | Promise<Response>;
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Serves an app on a port.
 *
 * @param load Loads the app. It is called when the port is open: until then, nobody waits for what only answers need, which is the whole of
 * `fetch` among others.
 * @throws HostError ISOHOST_LISTEN
 */
export async function serve(
  load: () => Servable | Promise<Servable>,
  { port, host }: ServeOptions,
): Promise<RunningServer> {
  const upgrades = new WeakMap<IncomingMessage, Upgrade>();
  const loading = new OnDemand(() => listenerOf(load, upgrades, host));
  const server = createServer({ shouldUpgradeCallback: isSocketRequest });
  const answer: Listener = (incoming, outgoing) => {
    const listener = loading.value;
    if (listener !== undefined) listener(incoming, outgoing);
    else void loading.load().then((loaded) => incoming.destroyed || loaded(incoming, outgoing));
  };
  server.on('request', answer);
  // Whether a body is wanted is for the function's limits to say; see node-http.ts.
  server.on('checkContinue', answer);
  server.on('upgrade', (incoming, socket, head) => {
    const outgoing = responseOn(socket, incoming);
    upgrades.set(incoming, new Upgrade(incoming, outgoing, socket, head));
    answer(incoming, outgoing);
  });
  const running = await run(server, port, host);
  setImmediate(() => void loading.load());
  return running;
}

async function listenerOf(
  load: () => Servable | Promise<Servable>,
  upgrades: WeakMap<IncomingMessage, Upgrade>,
  hostname: string,
): Promise<Listener> {
  const [app, { getRequestListener }] = await Promise.all([load(), import('@hono/node-server')]);
  const listener = getRequestListener(
    (request, { incoming, outgoing }) =>
      app.fetch(request, {
        incoming: incoming as IncomingMessage,
        outgoing: outgoing as ServerResponse,
        direct: true,
        upgrade: upgrades.get(incoming as IncomingMessage),
      }),
    // The globals Request and Response are not ours to replace.
    { overrideGlobalObjects: false, hostname },
  );
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

/** Something that is loaded once, when somebody asks for it. */
class OnDemand<T> {
  /** `undefined` until it has been loaded. */
  value: T | undefined;
  readonly #load: () => Promise<T>;
  #loading: Promise<T> | undefined;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  load(): Promise<T> {
    this.#loading ??= this.#load().then((value) => (this.value = value));
    return this.#loading;
  }
}

/**
 * Serves requests as they come, whatever their targets and headers look like, on all addresses of the machine.
 *
 * @throws HostError ISOHOST_LISTEN
 */
export async function serveRequests(listener: Listener, port: number): Promise<RunningServer> {
  const server = createServer();
  server.on('request', listener);
  // Node finds out itself whether the machine has IPv6.
  return run(server, port, undefined);
}

/** For answers other than a WebSocket: the connection is no good for another request afterwards. */
function responseOn(socket: Duplex, incoming: IncomingMessage): ServerResponse {
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket as Socket);
  socket.on('error', () => socket.destroy());
  outgoing.once('finish', () => socket.end(() => socket.destroy()));
  return outgoing;
}

async function run(server: Server, port: number, host: string | undefined): Promise<RunningServer> {
  const underWay = new Map<Socket, number>();
  let isClosing = false;
  const count = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { socket } = incoming;
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    outgoing.once('close', () => {
      if (!underWay.has(socket)) return;
      const left = underWay.get(socket)! - 1;
      underWay.set(socket, left);
      if (isClosing && left === 0) socket.destroySoon();
    });
  };
  server.prependListener('request', count);
  // Where nobody listens, Node itself tells clients to go on.
  if (server.listenerCount('checkContinue') > 0) server.prependListener('checkContinue', count);
  if (server.listenerCount('upgrade') > 0) {
    server.prependListener('upgrade', (incoming: IncomingMessage) => underWay.set(incoming.socket, 1));
  }
  server.on('connection', (socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
  });
  await listen(server, port, host);
  const { port: actual, address, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`,
    port: actual,
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        server.close(() => resolve());
        // Those that wait between requests, and those whose request has not come in so far that anybody answers it.
        for (const [socket, requests] of underWay) if (requests === 0) socket.destroy();
      }),
    // WebSockets too, which are no connections of HTTP any more.
    destroy() {
      for (const socket of underWay.keys()) socket.destroy();
    },
  };
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port, host)));
    server.listen({ port, host }, () => resolve());
  });
}

function explain(error: NodeJS.ErrnoException, port: number, host: string | undefined): HostError {
  const reason =
    error.code === 'EADDRINUSE'
      ? `port ${port} is taken by another program; choose another with --port, or --port 0 for any free one`
      : error.code === 'EACCES'
        ? `port ${port} needs rights that this user does not have; choose one above 1023`
        : error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND'
          ? `this machine has no address "${host}"; 127.0.0.1 is for this machine only, 0.0.0.0 for all networks`
          : error.message;
  return new HostError('ISOHOST_LISTEN', `cannot listen: ${reason}`, { cause: error });
}
