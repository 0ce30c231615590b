import type { PackageCase } from '../package-case.ts';

/** Clients of HTTP and of services. */
export const clientsCases: Readonly<Record<string, PackageCase>> = {
  axios: {
    packages: ['axios'],
    calls: [
      {
        answer: {
          got: ['GET', '/echo?q=a+b&list%5B%5D=1&list%5B%5D=2', 'axios', 'yes'],
          posted: ['{"hello":"world"}', 'application/json'],
          uploaded: true,
          missing: ['ERR_BAD_REQUEST', 404],
          slow: 'ETIMEDOUT',
        },
      },
    ],
  },
  got: {
    packages: ['got'],
    calls: [{ answer: { posted: ['POST', '/echo?q=x', '{"a":1}', 'yes'], missing: 404, slow: true } }],
  },
  ky: {
    packages: ['ky'],
    calls: [
      {
        answer: {
          posted: ['POST', '/echo?q=x', '{"a":1}', 'yes'],
          retried: { asked: 'again' },
          missing: 404,
          slow: true,
        },
      },
    ],
  },
  ofetch: {
    packages: ['ofetch'],
    calls: [{ answer: { posted: ['POST', '/echo?q=x', '{"a":1}'], retried: { asked: 'again' }, missing: 404 } }],
  },
  wretch: {
    packages: ['wretch'],
    calls: [{ answer: { posted: ['/echo?q=x', '{"a":1}', 'Bearer x'], form: true, missing: 'not found' } }],
  },
  'openapi-fetch': {
    packages: ['openapi-fetch'],
    calls: [{ answer: [200, 'PUT', '/echo/7?q=x', '{"name":"Ada"}', 'yes'] }],
  },
  urql: {
    packages: ['@urql/core'],
    calls: [{ answer: { data: ['Hello Ada', 'Hello Ada'], cached: 'hit', wrong: ['Cannot query field "nothing"'] } }],
  },
  supabase: {
    packages: ['@supabase/supabase-js'],
    calls: [
      {
        answer: {
          listed: [{ id: 1, title: 'tea' }],
          inserted: { id: 2, title: 'new' },
          refused: 'PGRST205',
          user: 'ada@example.com',
        },
      },
    ],
  },
  stripe: {
    packages: ['stripe'],
    calls: [
      {
        answer: {
          customer: ['cus_1', 'Ada', 'gold'],
          refused: ['StripeCardError', 'card_declined'],
          event: 'ping',
          forged: 'StripeSignatureVerificationError',
        },
      },
    ],
  },
  aws4fetch: {
    packages: ['aws4fetch'],
    calls: [{ answer: { status: 200, etag: '"e1"' } }],
  },
};
