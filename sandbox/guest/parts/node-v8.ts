/** `node:v8`: what the heap of this isolate holds. */
import { settings, usedMemory } from '../core/facade.ts';
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:v8';
const remedy = 'the engine is the host\u2019s';

export default {
  ...unavailableFunctions(module, remedy, [
    'deserialize',
    'getHeapSnapshot',
    'queryObjects',
    'serialize',
    'setFlagsFromString',
    'startCpuProfile',
    'startHeapProfile',
    'stopCoverage',
    'takeCoverage',
    'writeHeapSnapshot',
  ]),
  ...unavailableClasses(module, remedy, [
    'DefaultDeserializer',
    'DefaultSerializer',
    'Deserializer',
    'Serializer',
    'GCProfiler',
  ]),
  cachedDataVersionTag: () => 0,
  getHeapStatistics(): Record<string, number> {
    const limit = settings().limits.memoryMiB * 2 ** 20;
    const used = usedMemory();
    return { total_heap_size: used, used_heap_size: used, total_available_size: limit - used, heap_size_limit: limit };
  },
};
