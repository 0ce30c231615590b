import superjson from 'superjson';

export default function () {
  const value = {
    at: new Date(0),
    ids: new Set([1n]),
    map: new Map([['k', /x/gi]]),
    none: undefined,
    bad: new Error('no'),
  };
  const again = superjson.parse<typeof value>(superjson.stringify(value));
  return Response.json({
    at: again.at.getTime(),
    ids: [...again.ids].map(String),
    regex: String(again.map.get('k')),
    hasNone: 'none' in again,
    error: again.bad instanceof Error && again.bad.message,
  });
}
