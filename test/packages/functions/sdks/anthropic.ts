import Anthropic from '@anthropic-ai/sdk';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const client = new Anthropic({ apiKey: 'key', baseURL: `${env.UPSTREAM}/anthropic`, maxRetries: 0 });
  const body = { model: 'claude-test', max_tokens: 16, messages: [{ role: 'user' as const, content: 'Say hello' }] };
  const whole = await client.messages.create(body);
  const stream = client.messages.stream(body);
  const pieces: string[] = [];
  stream.on('text', (text) => pieces.push(text));
  const last = await stream.finalMessage();
  return Response.json({ whole: whole.content, pieces, last: [last.content, last.stop_reason] });
}
