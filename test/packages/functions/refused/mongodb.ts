import { MongoClient } from 'mongodb';

const client = new MongoClient('mongodb://localhost', { serverSelectionTimeoutMS: 100 });

export default async () => Response.json(await client.db().collection('x').findOne());
