/** `node:cluster`: an emitter as in Node, which says at use that there are no processes. */
import { part } from '../core/facade.ts';
import { unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:cluster';
const remedy = 'there are no processes; the host runs many calls at once by itself';
const EventEmitter = part('package-events');

/** None is ever forked: one that somebody makes is a worker that has ended. */
class Worker extends EventEmitter {
  readonly id = 0;
  readonly exitedAfterDisconnect = false;
  _connected = false;

  get process(): object {
    return part('node-process').default;
  }
  isConnected(): boolean {
    return this._connected;
  }
  isDead(): boolean {
    return true;
  }
  send(): boolean {
    return false;
  }
  kill(): void {
    this._connected = false;
  }
  destroy(): void {
    this._connected = false;
  }
  disconnect(): this {
    this._connected = false;
    return this;
  }
}

class Cluster extends EventEmitter {
  readonly isPrimary = true;
  readonly isMaster = true;
  readonly isWorker = false;
  readonly workers = {};
  readonly settings = {};
  readonly SCHED_NONE = 1;
  readonly SCHED_RR = 2;
  readonly schedulingPolicy = 2;
  readonly Worker = Worker;
  readonly Cluster = Cluster;
}
const functions = unavailableFunctions(module, remedy, ['fork', 'disconnect', 'setupPrimary', 'setupMaster']);

export default Object.assign(new Cluster(), functions);
Object.assign(Cluster.prototype, functions);
