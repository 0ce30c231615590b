import { createSchema, createYoga } from 'graphql-yoga';

interface Context {
  request: Request;
}

const yoga = createYoga({
  graphqlEndpoint: '/graphql-yoga',
  logging: false,
  schema: createSchema<Context>({
    typeDefs: `
      type Query { hello(name: String!): String!, agent: String }
      type Mutation { add(a: Int!, b: Int!): Int! }
    `,
    resolvers: {
      Query: {
        hello: (_, { name }: { name: string }) => `Hello ${name}`,
        agent: (_, __, { request }) => request.headers.get('user-agent'),
      },
      Mutation: { add: (_, { a, b }: { a: number; b: number }) => a + b },
    },
  }),
});

export default { fetch: (request: Request) => yoga.fetch(request) };
