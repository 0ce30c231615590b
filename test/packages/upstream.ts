/** The services that the clients among the packages talk to, on 127.0.0.1, as far as the functions ask them for something. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Services extends AsyncDisposable {
  readonly url: string;
}

export async function startServices(): Promise<Services> {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    void text(request).then((body) => answer(request, response, body, seen));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, body: string, seen: Set<string>): void {
  const { method = '', url = '', headers } = request;
  const [path = ''] = url.split('?');
  const [, service = '', detail = ''] = path.split('/');
  switch (service) {
    case 'echo':
      json(response, 200, { method, url, body, headers });
      return;
    case 'status':
      json(response, Number(detail), { asked: detail });
      return;
    case 'flaky':
      json(response, seen.has(detail) ? 200 : 503, { asked: seen.has(detail) ? 'again' : 'once' });
      seen.add(detail);
      return;
    case 'slow':
      return;
    case 'graphql':
      graphql(response, body);
      return;
    case 'openai':
      openai(response, path, body, headers.authorization);
      return;
    case 'anthropic':
      anthropic(response, path, body, headers.authorization);
      return;
    case 'supabase':
      supabase(response, `${method} ${url.slice('/supabase'.length)}`, body, headers.authorization);
      return;
    case 's3':
      s3(response, method, path, headers.authorization, seen);
      return;
    case 'v1':
      stripe(response, `${method} ${path}`, new URLSearchParams(body), headers.authorization);
      return;
    default:
      json(response, 404, { error: { message: `there is no ${path}` } });
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function events(response: ServerResponse, list: readonly (string | object)[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of list) response.write(typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`);
  response.end();
}

function graphql(response: ServerResponse, body: string): void {
  const { query, variables } = JSON.parse(body) as { query: string; variables: { name: string } };
  json(
    response,
    200,
    query.includes('hello(name: $name)')
      ? { data: { hello: `Hello ${variables.name}` } }
      : { errors: [{ message: 'Cannot query field "nothing"' }] },
  );
}

function openai(response: ServerResponse, path: string, body: string, authorization: string | undefined): void {
  const common = { id: 'chatcmpl-1', created: 1, model: 'gpt-test' };
  if (path !== '/openai/v1/chat/completions' || authorization !== 'Bearer sk-test') {
    json(response, 404, {
      error: { message: 'no such model', type: 'invalid_request_error', code: 'model_not_found' },
    });
  } else if ((JSON.parse(body) as { stream?: boolean }).stream === true) {
    const pieces = ['Hel', 'lo'].map((content) => ({
      ...common,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    }));
    events(response, [...pieces, 'data: [DONE]\n\n']);
  } else {
    const message = { role: 'assistant', content: 'Hello' };
    json(response, 200, {
      ...common,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
    });
  }
}

function anthropic(response: ServerResponse, path: string, body: string, authorization: string | undefined): void {
  const usage = { input_tokens: 3, output_tokens: 2 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-test', stop_reason: null, usage };
  if (path !== '/anthropic/v1/messages' || authorization !== 'Bearer key') {
    json(response, 401, { type: 'error', error: { type: 'authentication_error', message: 'no key' } });
  } else if ((JSON.parse(body) as { stream?: boolean }).stream === true) {
    const list = [
      { type: 'message_start', message: { ...message, content: [] } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...['Hel', 'lo'].map((part) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text: part },
      })),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
      { type: 'message_stop' },
    ];
    events(
      response,
      list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    );
  } else {
    json(response, 200, { ...message, content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn' });
  }
}

function supabase(response: ServerResponse, call: string, body: string, authorization: string | undefined): void {
  if (authorization !== 'Bearer anon-key') {
    json(response, 401, { message: 'no key', code: '401' });
  } else if (call === 'GET /rest/v1/todos?select=id%2Ctitle&done=eq.false&order=id.asc&limit=2') {
    json(response, 200, [{ id: 1, title: 'tea' }]);
  } else if (call === 'POST /rest/v1/todos?select=*') {
    json(response, 201, { id: 2, ...(JSON.parse(body) as object) });
  } else if (call === 'POST /auth/v1/token?grant_type=password') {
    const { email } = JSON.parse(body) as { email: string };
    const user = { id: '1', aud: 'authenticated', email, app_metadata: {}, user_metadata: {}, created_at: '' };
    json(response, 200, { access_token: 'a.b.c', token_type: 'bearer', expires_in: 3600, refresh_token: 'r', user });
  } else {
    json(response, 404, { message: `there is no ${call}`, code: 'PGRST205', details: null, hint: null });
  }
}

function s3(
  response: ServerResponse,
  method: string,
  path: string,
  authorization: string | undefined,
  seen: Set<string>,
): void {
  const isSigned = /^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-central-1\/s3\/aws4_request, /.test(authorization ?? '');
  const refuse = (status: number, code: string): void => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  };
  if (!isSigned) {
    refuse(403, 'AccessDenied');
  } else if (method === 'PUT') {
    seen.add(path);
    response.writeHead(200, { etag: '"e1"' }).end();
  } else if (seen.has(path)) {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('contents');
  } else {
    refuse(404, 'NoSuchKey');
  }
}

function stripe(
  response: ServerResponse,
  call: string,
  form: URLSearchParams,
  authorization: string | undefined,
): void {
  if (call === 'POST /v1/customers' && authorization === 'Bearer sk_test_x') {
    const name = form.get('name');
    json(response, 200, { id: 'cus_1', object: 'customer', name, metadata: { plan: form.get('metadata[plan]') } });
  } else {
    const error = { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' };
    json(response, 402, { error });
  }
}
