/** What `node:http` and `node:https` have in common: agents, which hold options and no sockets; servers; requests. */
import { part } from '../../core/facade.ts';

const Emitter = part('package-events') as new () => object;

export function httpModule(module: 'node:http' | 'node:https', defaultPort: number): Record<string, unknown> {
  const { ClientRequest, createServer, Server } = part('node-http-objects');
  const protocol = module === 'node:http' ? 'http:' : 'https:';
  /** Clients are given one when they are set up, whether or not they come to use it. */
  class Agent extends Emitter {
    readonly options: object;
    readonly defaultPort = defaultPort;
    readonly protocol = protocol;
    readonly keepAlive: boolean;
    readonly maxSockets: number;
    readonly maxFreeSockets: number;
    readonly requests = {};
    readonly sockets = {};
    readonly freeSockets = {};

    constructor(options: { keepAlive?: boolean; maxSockets?: number; maxFreeSockets?: number } = {}) {
      super();
      this.options = { ...options };
      this.keepAlive = options.keepAlive ?? false;
      this.maxSockets = options.maxSockets ?? Infinity;
      this.maxFreeSockets = options.maxFreeSockets ?? 256;
    }

    destroy(): void {}
  }
  type Request = InstanceType<typeof ClientRequest>;
  type Arguments = ConstructorParameters<typeof ClientRequest>;
  const request = (...[input, options, callback]: Arguments): Request => {
    const isOptions = typeof input === 'object' && !(input instanceof part('url').URL);
    const given = isOptions ? { defaultProtocol: protocol, ...input } : input;
    if (typeof options === 'function') return new ClientRequest(given, { defaultProtocol: protocol }, options);
    return new ClientRequest(given, isOptions ? options : { defaultProtocol: protocol, ...options }, callback);
  };
  const get = (...args: Arguments): Request => request(...args).end();
  return { Agent, createServer, get, globalAgent: new Agent({ keepAlive: true }), request, Server };
}
