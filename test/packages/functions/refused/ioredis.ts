import Redis from 'ioredis';

export default async () => new Response(await new Redis().get('key'));
