import Joi from 'joi';

const schema = Joi.object({
  name: Joi.string().alphanum().min(3).required(),
  born: Joi.number().integer().min(1800).max(2100),
  email: Joi.string().email({ tlds: { allow: ['com'] } }),
}).with('name', 'born');

export default function () {
  const bad = schema.validate({ name: 'a!', email: 'x@y.zz' }, { abortEarly: false });
  return Response.json({
    good: schema.validate({ name: 'ada', born: '1815', email: 'ada@example.com' }).value,
    bad: bad.error?.details.map(({ type }) => type),
  });
}
