/** The generator's process: carries out orders, one after the other. */
import process from 'node:process';
import { load } from './loops.ts';
import type { LoadOrder } from './orders.ts';

process.on('message', (order: LoadOrder) => {
  void load(order).then(
    (result) => process.send!({ result }),
    (error: unknown) => process.send!({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
