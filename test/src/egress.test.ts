import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveFunctionConfig, resolveHostConfig } from '../../src/config.ts';
import type { FunctionConfig, HostConfig } from '../../src/config.ts';
import { fn, get, testHost } from '../support/host.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

let upstream: Upstream;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream[Symbol.asyncDispose]());

const resolve = (host: HostConfig, own?: FunctionConfig, tenant = 'default') =>
  resolveFunctionConfig(resolveHostConfig(host), tenant, 'f', own).egress;
const texts = (rules: readonly { readonly text: string }[]) => rules.map(({ text }) => text);

describe('the options', () => {
  test('of the nearest layer count, denials add up, and a deployment can only narrow', () => {
    const host: HostConfig = {
      egress: { allow: ['a.test'], deny: ['x.test'], private: ['10.0.0.0/8'] },
      tenants: {
        acme: { egress: { allow: ['b.test'], deny: ['y.test'] }, functions: { f: { egress: { private: [] } } } },
      },
    };
    const plain = resolve(host);
    expect(plain.allow.map(texts)).toEqual([['a.test']]);
    expect(texts(plain.private)).toEqual(['10.0.0.0/8']);
    const acme = resolve(host, { egress: { allow: ['c.test'], deny: ['z.test'] } }, 'acme');
    expect(acme.allow.map(texts)).toEqual([['c.test'], ['b.test']]);
    expect(texts(acme.deny)).toEqual(['z.test', 'y.test', 'x.test']);
    expect(acme.private).toEqual([]);
    expect(resolve({ egress: false }).allow).toEqual([[]]);
    expect(resolve({ egress: false }, { egress: { allow: ['*'] } }).allow.map(texts)).toEqual([['*'], []]);
    expect(resolve({}, { egress: false }).allow).toEqual([[]]);
  });

  test.each<[HostConfig, FunctionConfig, string]>([
    [{ egress: { allow: ['a b'] } }, {}, 'option "egress.allow.0" is "a b": "a b" is no host name'],
    [{ egress: { alow: [] } } as HostConfig, {}, 'unknown option "egress.alow"; did you mean "allow"?'],
    [{ secrets: { K: { value: 'too few', hosts: [] } } }, {}, 'option "secrets.K.value" is not valid'],
    [{ secrets: { K: { hosts: [] } } }, {}, 'the secret K needs either "value" or "env"'],
    [{ secrets: { K: { env: 'ISOHOST_NO_SUCH', hosts: [] } } }, {}, 'variable ISOHOST_NO_SUCH, which is not set'],
    [{}, { egress: { private: ['10.0.0.1'] } }, "only the host's options can open what is not public"],
    [{}, { secrets: { K: { env: 'PATH', hosts: ['*'] } } }, "from the host's environment"],
  ])('%j and %j are refused', (host, own, message) => {
    expect(() => resolve(host, own)).toThrow(message);
  });

  test('of secrets never show a value', () => {
    expect(() => resolve({ secrets: { K: { value: 'confidential\n', hosts: [] } } })).not.toThrow('confidential');
  });
});

test('a function reaches what its tenant may, with a placeholder for a secret', async () => {
  const code = fn(`try { return await fetch('${upstream.url}/', { headers: { 'x-key': env.KEY ?? '' } }) }
    catch (error) { return new Response(error.cause.message) }`);
  await using host = await testHost(
    { 'acme/f': code, 'other/f': code, 'acme/env': fn('return Response.json(env)') },
    {
      tenants: {
        acme: {
          egress: { private: ['127.0.0.1'] },
          secrets: { KEY: { value: 'a-confidential-key', hosts: ['http://127.0.0.1'] } },
        },
      },
    },
  );
  const seen = (await (await get(host, '/acme/f')).json()) as { headers: Record<string, string> };
  expect(seen.headers['x-key']).toMatch(/^isohost_secret_KEY_[0-9a-f]{24}$/);
  expect(await (await get(host, '/other/f')).text()).toBe(
    '127.0.0.1 is a loopback address; if the function may reach it, add it to egress.private',
  );
  expect(await (await get(host, '/acme/env')).json()).toEqual({ KEY: expect.stringMatching(/^isohost_secret_KEY_/) });
});
