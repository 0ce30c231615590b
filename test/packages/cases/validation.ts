import type { PackageCase } from '../package-case.ts';

/** Validation. */
export const validationCases: Readonly<Record<string, PackageCase>> = {
  zod: {
    packages: ['zod'],
    calls: [
      {
        method: 'POST',
        body: '{"id":"6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b","email":"ada@example.com","items":[{"sku":"tea","count":"2"}],"at":"2026-01-01T00:00:00Z","kind":{"type":"gift","note":"hi"}}',
        answer: {
          good: {
            id: '6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b',
            email: 'ada@example.com',
            items: [{ sku: 'tea', count: 2 }],
            at: 1767225600000,
            kind: { type: 'gift', note: 'hi' },
          },
          bad: [
            'id: invalid_format',
            'email: invalid_format',
            'items: too_small',
            'at: invalid_format',
            'kind.type: invalid_union',
          ],
          schema: {
            $schema: 'https://json-schema.org/draft/2020-12/schema',
            type: 'object',
            properties: { name: { type: 'string', maxLength: 5 } },
            additionalProperties: false,
          },
        },
      },
    ],
  },
  valibot: {
    packages: ['valibot'],
    calls: [
      {
        answer: {
          good: { email: 'ada@example.com', password: 'long enough', again: 'long enough' },
          bad: ['Invalid email: Received "nobody"', 'Invalid length: Expected >=8 but received 5', 'not the same'],
          set: [1, 2],
        },
      },
    ],
  },
  arktype: {
    packages: ['arktype'],
    calls: [
      {
        answer: { good: { name: 'Ada', age: 36, tags: ['x'], role: 'admin' }, bad: ['age', 'name', 'role', 'tags[0]'] },
      },
    ],
  },
  ajv: {
    packages: ['ajv', 'ajv-formats'],
    trust: 'trusted',
    calls: [
      {
        answer: {
          good: { age: 36, email: 'ada@example.com', tags: ['a', 'b'] },
          bad: [' additionalProperties', '/age minimum', '/email format', '/tags uniqueItems'],
        },
      },
    ],
  },
  joi: {
    packages: ['joi'],
    calls: [
      {
        answer: {
          good: { name: 'ada', born: 1815, email: 'ada@example.com' },
          bad: ['string.alphanum', 'string.min', 'string.email', 'object.with'],
        },
      },
    ],
  },
  yup: {
    packages: ['yup'],
    calls: [
      {
        answer: {
          good: { site: 'https://example.com', age: 36, name: 'Ada' },
          bad: ['age must be a positive number', 'name is a required field', 'site must be a valid URL'],
        },
      },
    ],
  },
  superstruct: {
    packages: ['superstruct'],
    calls: [{ answer: { good: { owner: 'ada', counts: [2, 4] }, bad: { path: ['counts', 1], refinement: 'even' } } }],
  },
  'class-validator': {
    packages: ['class-validator', 'class-transformer', 'reflect-metadata'],
    calls: [{ answer: { good: [], bad: ['email: isEmail', 'age: min', 'address.country: isLength'] } }],
  },
};
