import { parse, stringify, v4, v5, v7, validate, version } from 'uuid';

export default function () {
  const ids = [v4(), v4(), v7()];
  return Response.json({
    valid: ids.every((id) => validate(id)),
    versions: ids.map((id) => version(id)),
    different: new Set(ids).size,
    named: v5('https://example.com', v5.URL),
    trip: stringify(parse('6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b')),
  });
}
