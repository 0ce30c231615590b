import * as yup from 'yup';

const schema = yup.object({
  name: yup.string().trim().required(),
  age: yup.number().positive().integer(),
  site: yup.string().url(),
});

export default async function () {
  const good = await schema.validate({ name: ' Ada ', age: '36', site: 'https://example.com' });
  const bad = await schema
    .validate({ age: -1, site: 'nowhere' }, { abortEarly: false })
    .catch((error: yup.ValidationError) => error.errors.sort());
  return Response.json({ good, bad });
}
