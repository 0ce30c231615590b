import got from 'got';

export default async () => new Response(await got('https://example.com').text());
