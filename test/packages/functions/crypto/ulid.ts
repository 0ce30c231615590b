import { decodeTime, isValid, monotonicFactory, ulid } from 'ulid';

export default function () {
  const next = monotonicFactory();
  const ids = [next(1_700_000_000_000), next(1_700_000_000_000), next(1_700_000_000_000)];
  return Response.json({
    valid: isValid(ulid()),
    time: decodeTime(ids[0]!),
    ordered: ids.toSorted().join() === ids.join() && new Set(ids).size === 3,
  });
}
