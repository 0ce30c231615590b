import OpenAI from 'openai';

export default async function (_: Request, env: { UPSTREAM: string }) {
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${env.UPSTREAM}/openai/v1`, maxRetries: 0 });
  const messages = [{ role: 'user', content: 'Say hello' }] as const;
  const whole = await client.chat.completions.create({ model: 'gpt-test', messages: [...messages] });
  const stream = await client.chat.completions.create({ model: 'gpt-test', messages: [...messages], stream: true });
  const pieces: string[] = [];
  for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '');
  const refused = await client.models
    .retrieve('nothing')
    .catch((error) => error instanceof OpenAI.NotFoundError && error.status);
  return Response.json({ whole: whole.choices[0]?.message.content, pieces, refused });
}
