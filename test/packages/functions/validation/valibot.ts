import * as v from 'valibot';

const Login = v.pipe(
  v.object({ email: v.pipe(v.string(), v.email()), password: v.pipe(v.string(), v.minLength(8)), again: v.string() }),
  v.forward(
    v.partialCheck([['password'], ['again']], ({ password, again }) => password === again, 'not the same'),
    ['again'],
  ),
);

export default function () {
  const bad = v.safeParse(Login, { email: 'nobody', password: 'short', again: 'other' });
  return Response.json({
    good: v.parse(Login, { email: 'ada@example.com', password: 'long enough', again: 'long enough' }),
    bad: bad.issues?.map(({ message }) => message),
    set: [...v.parse(v.set(v.pipe(v.string(), v.transform(Number))), new Set(['1', '2']))],
  });
}
