import { MongoClient } from 'mongodb';

export default async () => Response.json(await new MongoClient('mongodb://localhost').db().collection('x').findOne());
