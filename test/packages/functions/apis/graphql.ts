import { buildSchema, graphql, GraphQLInt, GraphQLObjectType, GraphQLSchema, parse, print, validate } from 'graphql';

const books = [
  { title: 'Emma', year: 1815 },
  { title: 'Persuasion', year: 1817 },
];
const schema = buildSchema(`
  type Book { title: String!, year: Int! }
  type Query { books(after: Int = 0): [Book!]! }
`);

export default async function () {
  const source = 'query Books($after: Int) { books(after: $after) { title ...More } } fragment More on Book { year }';
  const rootValue = { books: ({ after }: { after: number }) => books.filter(({ year }) => year > after) };
  const result = await graphql({ schema, source, rootValue, variableValues: { after: 1816 } });
  const answer = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: { answer: { type: GraphQLInt, resolve: () => Promise.resolve(42) } },
    }),
  });
  return Response.json({
    result,
    wrong: validate(schema, parse('{ boks { title } }')).map(({ message }) => message),
    printed: print(parse('{books{title}}')),
    coded: await graphql({ schema: answer, source: '{ answer }' }),
  });
}
