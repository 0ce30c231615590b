/**
 * Sends single requests. The only file that uses undici, and the only place from which anything connects to anywhere: the address that is
 * checked is the one that is connected, so that neither a name that resolves anew, nor a literal in any spelling, nor a redirect leads
 * around the check.
 */
import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { egressCodes, EgressError } from './egress.ts';
import { type EgressPolicy, refusalOfAddress } from './policy.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | null;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly string[];
  readonly body: Readable;
}

const maxResponseHeaderBytes = 64 * 1024;
const connectTimeoutMs = 10_000;
/** Of one function to one origin; more wait. */
const connections = 256;
/** Policies whose connections are kept. */
const maxAgents = 500;
/** getaddrinfo blocks a thread of the few that Node has for all such things: names that are slow to resolve may not have all of them. */
const maxLookups = 3;
const maxGuards = 1_000;

export class HttpClient {
  /** Connections are shared by requests of the same policy only. In the order of their last use. */
  readonly #agents = new Map<EgressPolicy, Agent>();
  readonly #names = new NameResolver();
  /** Handed out by `connect`, until they are closed. */
  readonly #sockets = new Set<Socket>();

  /** @throws EgressError, or an error of the system or of undici. */
  async send(
    policy: EgressPolicy,
    { method, url, headers, body }: HttpRequest,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const response = await this.#agentOf(policy).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: method as Dispatcher.HttpMethod,
      headers: headers as string[],
      body: body as Uint8Array | Readable | null,
      signal,
      responseHeaders: 'raw',
    });
    return {
      status: response.statusCode,
      statusText: response.statusText ?? '',
      headers: response.headers as unknown as string[],
      body: response.body,
    };
  }

  /**
   * A connection by itself, over TLS for https:, for what is no exchange of a request and a response.
   *
   * @throws EgressError, or an error of the system or of undici.
   */
  connect(policy: EgressPolicy, url: URL): Promise<Socket> {
    const { protocol, hostname, port, host, origin } = url;
    const guard = new OriginGuard(policy, new URL(origin), this.#names);
    return new Promise((resolve, reject) => {
      guard.connect({ protocol, hostname, port, host } as buildConnector.Options, (...[error, socket]) => {
        // Without a socket it is `undefined`, whatever the types say.
        if (!socket) {
          reject(error!);
          return;
        }
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
        resolve(socket);
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const agents = [...this.#agents.values()];
    this.#agents.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #agentOf(policy: EgressPolicy): Agent {
    const agent = this.#agents.get(policy) ?? this.#createAgent(policy);
    this.#agents.delete(policy);
    this.#agents.set(policy, agent);
    if (this.#agents.size > maxAgents) {
      const [oldest, unused] = this.#agents.entries().next().value!;
      this.#agents.delete(oldest);
      // Requests under way end first.
      void unused.close();
    }
    return agent;
  }

  #createAgent(policy: EgressPolicy): Agent {
    return new Agent({
      connect: this.#guardedConnector(policy),
      connections,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: maxResponseHeaderBytes,
      // Times are limited for the whole of a request.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  #guardedConnector(policy: EgressPolicy): buildConnector.connector {
    /** One for each origin: it remembers the TLS sessions. */
    const guards = new Map<string, OriginGuard>();
    return (options, callback) => {
      const { protocol, hostname, port } = options;
      const origin = originOf(protocol, hostname, port);
      if (guards.size >= maxGuards) guards.clear();
      const guard = guards.get(origin) ?? new OriginGuard(policy, new URL(origin), this.#names);
      guards.set(origin, guard);
      guard.connect(options, callback);
    };
  }
}

/** Connects to one origin, if its address is permitted. */
class OriginGuard {
  readonly #policy: EgressPolicy;
  readonly #url: URL;
  readonly #connect: buildConnector.connector;

  constructor(policy: EgressPolicy, url: URL, names: NameResolver) {
    this.#policy = policy;
    this.#url = url;
    this.#connect = buildConnector({
      timeout: connectTimeoutMs,
      allowH2: false,
      autoSelectFamily: true,
      lookup: names.lookup((address) => this.#refuse(address)),
    } as buildConnector.BuildOptions);
  }

  connect(options: buildConnector.Options, callback: buildConnector.Callback): void {
    const literal = options.hostname.replace(/^\[|\]$/g, '');
    // Node resolves names by way of `lookup`, and addresses not at all.
    const refused = isIP(literal) === 0 ? undefined : this.#refuse(literal);
    if (refused !== undefined) {
      callback(refused, null);
      return;
    }
    this.#connect(options, (...[error, socket]) => {
      // Without a socket it is `undefined`, whatever the types say.
      if (!socket) {
        callback(error!, null);
        return;
      }
      // The last word, whatever way the address took.
      const late = this.#refuse(socket.remoteAddress ?? '');
      if (late === undefined) {
        callback(null, socket);
        return;
      }
      socket.destroy();
      callback(late, null);
    });
  }

  #refuse(address: string): EgressError | undefined {
    const reason = refusalOfAddress(this.#policy, { url: this.#url, method: undefined }, address);
    return reason === undefined ? undefined : new EgressError(egressCodes.denied, reason);
  }
}

function originOf(protocol: string, hostname: string, port: string): string {
  const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}`;
}

/** Resolves names, a few at a time. All addresses of a name must be permitted: one that is not shows that the name is not to be trusted. */
class NameResolver {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  lookup(refuse: (address: string) => EgressError | undefined): LookupFunction {
    return (hostname, options, callback) => {
      const run = (): void => {
        this.#running += 1;
        resolveName(hostname, { ...options, all: true }, (error, addresses) => {
          this.#running -= 1;
          this.#waiting.shift()?.();
          const refused = error === null ? firstRefusal(addresses, refuse) : error;
          if (refused !== undefined) callback(refused, []);
          else if (options.all === true) callback(null, addresses);
          else callback(null, addresses[0]!.address, addresses[0]!.family);
        });
      };
      if (this.#running < maxLookups) run();
      else this.#waiting.push(run);
    };
  }
}

function firstRefusal(
  addresses: readonly LookupAddress[],
  refuse: (address: string) => EgressError | undefined,
): Error | undefined {
  for (const { address } of addresses) {
    const refused = refuse(address);
    if (refused !== undefined) return refused;
  }
  return addresses.length === 0 ? new EgressError('ENOTFOUND', 'the host name has no address') : undefined;
}
