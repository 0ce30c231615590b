import { AwsClient } from 'aws4fetch';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const aws = new AwsClient({ accessKeyId: 'id', secretAccessKey: 'secret', service: 's3', region: 'eu-central-1' });
  const response = await aws.fetch(`${env.UPSTREAM}/s3/bucket/a.txt`, { method: 'PUT', body: 'contents' });
  return Response.json({ status: response.status, etag: response.headers.get('etag') });
}
