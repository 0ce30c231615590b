import { array, assert, coerce, create, number, object, refine, string, StructError } from 'superstruct';

const Even = refine(number(), 'even', (value) => value % 2 === 0);
const Basket = object({ owner: string(), counts: array(coerce(Even, string(), Number)) });

export default function () {
  let bad: unknown;
  try {
    assert({ owner: 'ada', counts: [2, 3] }, Basket);
  } catch (error) {
    bad = error instanceof StructError && { path: error.path, refinement: error.refinement };
  }
  return Response.json({ good: create({ owner: 'ada', counts: ['2', 4] }, Basket), bad });
}
