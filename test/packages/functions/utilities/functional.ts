import { Effect, Schema } from 'effect';
import { chunk, debounce, pick } from 'es-toolkit';
import { produce, produceWithPatches, enablePatches } from 'immer';
import * as R from 'ramda';

enablePatches();

export default async function () {
  const state = { users: [{ name: 'ada', tags: new Set<string>() }], count: 0 };
  const next = produce(state, (draft) => {
    draft.users[0]!.name = 'grace';
    draft.count++;
  });
  const [, patches] = produceWithPatches({ a: [1] }, (draft) => void draft.a.push(2));
  const program = Effect.gen(function* () {
    const value = yield* Effect.tryPromise(() => Promise.resolve(20)).pipe(Effect.delay('1 millis'));
    const both = yield* Effect.all([Effect.succeed(value), Effect.succeed(1)], { concurrency: 2 });
    return both[0] * 2 + both[1];
  });
  const failed = Effect.fail('broken').pipe(Effect.catch((error: string) => Effect.succeed(`caught ${error}`)));
  return Response.json({
    next,
    untouched: [state.users[0]!.name, Object.isFrozen(next)],
    patches,
    ramda: R.pipe(
      R.groupBy((word: string) => word[0]!),
      R.map(R.length),
    )(['ant', 'ape', 'bee']),
    toolkit: [chunk([1, 2, 3], 2), pick({ a: 1, b: 2 }, ['b']), typeof debounce],
    effect: [await Effect.runPromise(program), await Effect.runPromise(failed)],
    schema: Schema.decodeUnknownSync(Schema.Struct({ n: Schema.NumberFromString }))({ n: '42' }),
  });
}
