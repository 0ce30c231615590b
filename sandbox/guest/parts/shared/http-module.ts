/** What `node:http` and `node:https` have in common: agents, which hold options; no sockets. */
import { part } from '../../core/facade.ts';
import { unavailableClasses, unavailableFunctions } from './unavailable.ts';

const Emitter = part('package-events') as new () => object;
const serve = 'export a fetch handler to serve, and use fetch for requests';

export function httpModule(module: 'node:http' | 'node:https', defaultPort: number): Record<string, unknown> {
  /** Clients are given one when they are set up, whether or not they come to use it. */
  class Agent extends Emitter {
    readonly options: object;
    readonly defaultPort = defaultPort;
    readonly protocol = module === 'node:http' ? 'http:' : 'https:';
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
  return {
    ...unavailableFunctions(module, serve, ['createServer', 'get', 'request']),
    ...unavailableClasses(module, serve, ['Server']),
    Agent,
    globalAgent: new Agent({ keepAlive: true }),
  };
}
