import pg from 'pg';

export default async () => Response.json((await new pg.Client().query('select 1')).rows);
