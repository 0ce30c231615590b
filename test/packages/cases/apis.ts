import type { PackageCase } from '../package-case.ts';

/** GraphQL and tRPC. */
export const apisCases: Readonly<Record<string, PackageCase>> = {
  graphql: {
    packages: ['graphql'],
    calls: [
      {
        answer: {
          result: { data: { books: [{ title: 'Persuasion', year: 1817 }] } },
          wrong: ['Cannot query field "boks" on type "Query". Did you mean "books"?'],
          printed: '{\n  books {\n    title\n  }\n}',
          coded: { data: { answer: 42 } },
        },
      },
    ],
  },
  'graphql-yoga': {
    packages: ['graphql-yoga'],
    calls: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"query($n: String!) { hello(name: $n) }","variables":{"n":"Ada"}}',
        answer: { data: { hello: 'Hello Ada' } },
      },
      {
        path: '?query={agent}',
        headers: { 'user-agent': 'test', accept: 'application/json' },
        answer: { data: { agent: 'test' } },
      },
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"mutation { add(a: 1, b: \\"x\\") }"}',
        answer: {
          errors: [
            {
              message: 'Int cannot represent non-integer value: "x"',
              locations: [{ line: 1, column: 25 }],
              extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
            },
          ],
        },
      },
    ],
  },
  trpc: {
    packages: ['@trpc/server', '@trpc/client'],
    calls: [
      { answer: { greeting: 'Hello Ada', doubled: 42, refused: 'UNAUTHORIZED' } },
      { path: '/api/greet?input=%7B%22name%22%3A%22Ada%22%7D', answer: { result: { data: 'Hello Ada' } } },
      { path: '/api/secret', headers: { 'x-user': 'ada' }, answer: { result: { data: 'for ada' } } },
    ],
  },
};
