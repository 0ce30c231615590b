import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';

interface Database {
  person: { id: number; name: string };
  pet: { owner: number; kind: string };
}

export default async function () {
  const db = new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  const { sql: text, parameters } = db
    .selectFrom('person')
    .innerJoin('pet', 'pet.owner', 'person.id')
    .select(['person.name', ({ fn }) => fn.count<number>('pet.kind').as('pets')])
    .where('pet.kind', 'in', ['cat', 'dog'])
    .groupBy('person.name')
    .having(sql<number>`count(*)`, '>', 2)
    .compile();
  return Response.json({ text, parameters, rows: await db.selectFrom('person').selectAll().execute() });
}
