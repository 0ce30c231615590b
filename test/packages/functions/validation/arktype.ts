import { type } from 'arktype';

const User = type({ name: 'string > 1', 'age?': 'number.integer >= 0', tags: 'string[]', role: "'admin' | 'guest'" });

export default function () {
  const bad = User({ name: 'A', age: 1.5, tags: [1], role: 'king' });
  return Response.json({
    good: User({ name: 'Ada', age: 36, tags: ['x'], role: 'admin' }),
    bad: bad instanceof type.errors && Object.keys(bad.byPath).sort(),
  });
}
