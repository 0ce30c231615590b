import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DOMParser, Node } from 'linkedom';

// What the client reads XML with, where it is not on Node.
Object.assign(globalThis, { DOMParser, Node });

export default async function (_: Request, env: { UPSTREAM: string }) {
  const client = new S3Client({
    region: 'eu-central-1',
    endpoint: `${env.UPSTREAM}/s3`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  const put = await client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'a.txt', Body: 'contents' }));
  const got = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a.txt' }));
  const missing = await client
    .send(new GetObjectCommand({ Bucket: 'bucket', Key: 'missing' }))
    .catch((error) => (error instanceof NoSuchKey ? error.name : String(error)));
  return Response.json({ etag: put.ETag, text: await got.Body?.transformToString(), missing });
}
