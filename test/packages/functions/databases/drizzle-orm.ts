import { and, desc, eq, gt, sql } from 'drizzle-orm';
import { integer, pgTable, QueryBuilder, text, timestamp } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/sqlite-proxy';
import { integer as sqliteInteger, sqliteTable, text as sqliteText } from 'drizzle-orm/sqlite-core';

const users = pgTable('users', { id: integer().primaryKey(), name: text().notNull(), at: timestamp() });
const notes = sqliteTable('notes', { id: sqliteInteger().primaryKey(), text: sqliteText().notNull() });

export default async function () {
  const builder = new QueryBuilder();
  const query = builder
    .select({ name: users.name, upper: sql<string>`upper(${users.name})` })
    .from(users)
    .where(and(eq(users.name, 'Ada'), gt(users.id, 5)))
    .orderBy(desc(users.at))
    .limit(3);
  const asked: unknown[] = [];
  const db = drizzle(async (statement, params, method) => {
    asked.push([statement, params, method]);
    return { rows: [[1, 'first']] };
  });
  const rows = await db.select().from(notes).where(eq(notes.id, 1));
  await db.insert(notes).values({ text: 'new' });
  return Response.json({ query: query.toSQL(), rows, asked });
}
