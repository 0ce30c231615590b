import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const ajv = addFormats(new Ajv({ allErrors: true, coerceTypes: true }));
const validate = ajv.compile({
  type: 'object',
  properties: {
    age: { type: 'integer', minimum: 0 },
    email: { type: 'string', format: 'email' },
    tags: { type: 'array', items: { type: 'string' }, uniqueItems: true },
  },
  required: ['age', 'email'],
  additionalProperties: false,
});

export default function () {
  const good = { age: '36', email: 'ada@example.com', tags: ['a', 'b'] };
  const bad = { age: -1, email: 'nobody', tags: ['a', 'a'], more: true };
  return Response.json({
    good: validate(good) && good,
    bad: !validate(bad) && validate.errors?.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`).sort(),
  });
}
