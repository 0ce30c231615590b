import { cacheExchange, Client, fetchExchange, gql } from '@urql/core';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const client = new Client({
    url: `${env.UPSTREAM}/graphql`,
    exchanges: [cacheExchange, fetchExchange],
    preferGetMethod: false,
  });
  const query = gql`
    query Greet($name: String!) {
      hello(name: $name)
    }
  `;
  const first = await client.query(query, { name: 'Ada' }).toPromise();
  const second = await client.query(query, { name: 'Ada' }).toPromise();
  const wrong = await client
    .query(
      gql`
        {
          nothing
        }
      `,
      {},
    )
    .toPromise();
  return Response.json({
    data: [first.data.hello, second.data.hello],
    cached: second.operation.context.meta?.cacheOutcome,
    wrong: wrong.error?.graphQLErrors.map(({ message }) => message),
  });
}
