import { atom, computed, map } from 'nanostores';
import { assign, createActor, fromPromise, setup, waitFor } from 'xstate';

const machine = setup({
  types: { context: {} as { tries: number; value: string }, events: {} as { type: 'GO' } },
  actors: {
    load: fromPromise(async ({ input }: { input: number }) => (input < 2 ? Promise.reject(new Error('no')) : 'loaded')),
  },
}).createMachine({
  context: { tries: 0, value: '' },
  initial: 'idle',
  states: {
    idle: { on: { GO: 'loading' } },
    loading: {
      entry: assign({ tries: ({ context }) => context.tries + 1 }),
      invoke: {
        src: 'load',
        input: ({ context }) => context.tries,
        onDone: { target: 'done', actions: assign({ value: ({ event }) => event.output }) },
        onError: 'waiting',
      },
    },
    waiting: { after: { 2: 'loading' } },
    done: { type: 'final' },
  },
});

export default async function () {
  const actor = createActor(machine).start();
  actor.send({ type: 'GO' });
  const { value, context } = await waitFor(actor, ({ status }) => status === 'done');
  const cart = map<Record<string, number>>({});
  const factor = atom(2);
  const total = computed([cart, factor], (items, by) => Object.values(items).reduce((a, b) => a + b, 0) * by);
  const seen: number[] = [];
  total.listen((sum) => void seen.push(sum));
  cart.setKey('tea', 3);
  factor.set(3);
  return Response.json({ value, context, seen });
}
