/** The only file that opens a port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { AppBindings } from './app.ts';
import { HostError } from './errors.ts';

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
  /** Called when a response was sent, or its connection lost. */
  readonly onFinished?: (incoming: IncomingMessage, outgoing: ServerResponse, arrived: Date) => void;
}

interface Servable {
  fetch(request: Request, bindings: AppBindings): Response | Promise<Response>;
}

/**
 * Serves an app on a port.
 *
 * @throws HostError ISOHOST_LISTEN
 */
export async function serve(app: Servable, { port, host, onFinished }: ServeOptions): Promise<RunningServer> {
  const listener = getRequestListener(
    (request, bindings) => app.fetch(request, { ...(bindings as AppBindings), direct: true }),
    // The globals Request and Response are not ours to replace.
    { overrideGlobalObjects: false, hostname: host },
  );
  const underWay = new Map<Socket, number>();
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { socket } = incoming;
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    outgoing.once('close', () => {
      const left = (underWay.get(socket) ?? 1) - 1;
      if (underWay.has(socket)) underWay.set(socket, left);
    });
    if (onFinished !== undefined) {
      const arrived = new Date();
      outgoing.once('close', () => onFinished(incoming, outgoing, arrived));
    }
    void listener(incoming, outgoing);
  };
  const server = createServer(answer);
  // Whether a body is wanted is for the function's limits to say; see node-http.ts.
  server.on('checkContinue', answer);
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
        server.close(() => resolve());
        // Those that wait between requests, and those whose request has not come in so far that anybody answers it.
        for (const [socket, requests] of underWay) if (requests === 0) socket.destroy();
      }),
    destroy: () => server.closeAllConnections(),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port, host)));
    server.listen(port, host, () => resolve());
  });
}

function explain(error: NodeJS.ErrnoException, port: number, host: string): HostError {
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
