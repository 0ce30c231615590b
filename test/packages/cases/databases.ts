import type { PackageCase } from '../package-case.ts';

/** SQL builders and logs. */
export const databasesCases: Readonly<Record<string, PackageCase>> = {
  'drizzle-orm': {
    packages: ['drizzle-orm'],
    calls: [
      {
        answer: {
          query: {
            sql: 'select "name", upper("name") from "users" where ("users"."name" = $1 and "users"."id" > $2) order by "users"."at" desc limit $3',
            params: ['Ada', 5, 3],
          },
          rows: [{ id: 1, text: 'first' }],
          asked: [
            ['select "id", "text" from "notes" where "notes"."id" = ?', [1], 'all'],
            ['insert into "notes" ("id", "text") values (null, ?)', ['new'], 'run'],
          ],
        },
      },
    ],
  },
  kysely: {
    packages: ['kysely'],
    calls: [
      {
        answer: {
          text: 'select "person"."name", count("pet"."kind") as "pets" from "person" inner join "pet" on "pet"."owner" = "person"."id" where "pet"."kind" in ($1, $2) group by "person"."name" having count(*) > $3',
          parameters: ['cat', 'dog', 2],
          rows: [],
        },
      },
    ],
  },
  pino: {
    packages: ['pino'],
    calls: [{ answer: [{ time: 0, level: 30, request: 7, user: 'ada', msg: 'hello there' }] }],
  },
};
