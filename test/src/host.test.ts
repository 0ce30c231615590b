import { describe, expect, test } from 'vitest';
import { BundleError, createHost, HostError, type InvocationRecord } from '../../src/index.ts';
import { temporaryFolder } from '../support/files.ts';
import { fn, get, testHost } from '../support/host.ts';

describe('a host', () => {
  test('serves /<function> and everything below it, by any method', async () => {
    await using host = await testHost({
      f: fn('return new Response(request.method + " " + new URL(request.url).pathname)'),
    });
    expect(await (await get(host, '/f')).text()).toBe('GET /f');
    expect(await (await get(host, '/f/a/b?c', { method: 'DELETE' })).text()).toBe('DELETE /f/a/b');
    expect(await (await get(host, '/f/', { method: 'PROPFIND' })).text()).toBe('PROPFIND /f/');
    expect((await get(host, '/ff')).status).toBe(404);
    expect((await get(host, '/')).status).toBe(404);
  });

  test('serves functions of tenants at /<tenant>/<function>', async () => {
    await using host = await testHost({
      'one/f': fn('return new Response("one")'),
      'two/f': fn('return new Response("two")'),
    });
    expect(await (await get(host, '/one/f')).text()).toBe('one');
    expect(await (await get(host, '/two/f/x')).text()).toBe('two');
    expect((await get(host, '/f')).status).toBe(404);
    expect((await get(host, '/three/f')).status).toBe(404);
    expect((await get(host, '/one')).status).toBe(404);
  });

  test('calls by name, and tells how the call ended', async () => {
    await using host = await testHost({
      f: fn('console.log("x"); return new Response("hi")'),
      'one/f': fn('throw new Error("no")'),
    });
    const { response, ended, id } = await host.invoke('f', new Request('http://localhost/anything'));
    expect(await response.text()).toBe('hi');
    expect(await ended).toMatchObject({
      id,
      tenant: 'default',
      function: 'f',
      status: 200,
      outcome: { kind: 'ok' },
      path: '/anything',
    });
    const failed = await host.invoke('one/f', new Request('http://localhost/'));
    expect((await failed.ended).outcome).toMatchObject({ kind: 'exception', error: { message: 'no' } });
    const missing = await host.invoke('nope', new Request('http://localhost/'));
    expect([missing.response.status, (await missing.ended).outcome.kind]).toEqual([404, 'notFound']);
  });

  test('tells of every call once, and of every log line', async () => {
    const records: InvocationRecord[] = [];
    const lines: string[] = [];
    await using host = await testHost(
      { f: fn('console.log("a"); console.error("b"); return new Response("x")') },
      {
        onInvocation: (record) => records.push(record),
        onLog: ({ function: name, level, text }) => lines.push(`${name} ${level} ${text}`),
      },
    );
    await (await get(host, '/f')).text();
    await (await get(host, '/none')).text();
    await host.close();
    expect(records.map(({ function: name, status }) => [name, status])).toEqual([
      ['f', 200],
      ['', 404],
    ]);
    expect(lines).toEqual(['f info a', 'f error b']);
  });

  test('is not harmed by callbacks that throw', async () => {
    const told: string[] = [];
    const tell = (message: string) => {
      told.push(message);
      throw new Error('logger');
    };
    const fails = () => {
      throw new Error('callback');
    };
    await using host = await testHost(
      { f: fn('console.log("x"); return new Response("fine")') },
      { onInvocation: fails, onLog: fails, logger: { debug: tell, info: tell, warn: tell, error: tell } },
    );
    expect(await (await get(host, '/f')).text()).toBe('fine');
    expect((await get(host, '/none')).status).toBe(404);
    await host.drain();
    expect(told.some((message) => message.startsWith('the callback onLog threw: Error: callback'))).toBe(true);
    expect(told.some((message) => message.startsWith('the callback onInvocation threw'))).toBe(true);
  });

  test('shows in logs where in the sources errors were made, and what caused them', async () => {
    const lines: string[] = [];
    const records: InvocationRecord[] = [];
    await using host = await testHost(
      {
        f: `interface A { b: string }
          const fail = (a: A): never => { throw new Error('outer', { cause: new TypeError(a.b) }) };
          export default () => { try { fail({ b: 'inner' }) } catch (error) { console.error(error); throw error } }`,
      },
      { onLog: ({ text }) => lines.push(text), onInvocation: (record) => records.push(record) },
    );
    await get(host, '/f');
    expect(lines.join('\n')).toMatch(/Error: outer\n {4}at fail \(f\.ts:2:49\)/);
    expect(lines.join('\n')).not.toContain('isohost:');
    const outcome = records[0]!.outcome as Extract<InvocationRecord['outcome'], { kind: 'exception' }>;
    expect(outcome.error.stack).toMatch(
      /^ {4}at fail \(f\.ts:2:49\)[\s\S]*\n {2}\[cause\] TypeError: inner\n {4}at fail \(f\.ts:2:77\)/,
    );
  });

  test('serves a function that is being deployed as soon as it is', async () => {
    await using host = await createHost();
    const deployment = host.deploy({ name: 'f', source: fn('return new Response("x")') });
    const response = await get(host, '/f');
    expect(await response.text()).toBe('x');
    await deployment;
  });

  test.each([
    [5, 'an object of options, not a number'],
    [null, 'not null'],
    [[], 'not an array'],
    [{ onInvocation: 5 }, 'option "onInvocation" is 5: it must be a function'],
    [{ logger: {} }, 'option "logger" is {}: it must have the methods debug, info, warn, error'],
    [{ tenants: { 'a b': {} } }, 'the tenant name "a b"'],
    [{ port: 81 }, 'unknown option "port"; it is for isohost start'],
    [{ cells: 2 }, 'unknown option "cells"; it is a key of "isolation"'],
    [{ functions: { f: { isolates: 2 } } }, 'unknown option "functions.f.isolates"; it cannot be set here'],
    [{ functions: { f: { dialect: 'kubelss' } } }, 'did you mean "kubeless"?'],
  ])('is not made with the options %j', async (options, text) => {
    await expect(createHost(options as never)).rejects.toMatchObject({ message: expect.stringContaining(text) });
  });

  test('calls by name only', async () => {
    await using host = await testHost({ f: fn('return new Response("x")') });
    await expect(host.invoke(undefined as never, new Request('http://localhost/f'))).rejects.toThrow('not undefined');
  });

  test('grants variables to functions: of the host, the tenant and the function, the nearest first', async () => {
    await using host = await createHost({
      env: { A: 'host', B: 'host' },
      functions: { f: { env: { B: 'function' } } },
      tenants: { one: { env: { A: 'tenant' }, functions: { f: { env: { C: 'function' } } } } },
    });
    const source = fn('return Response.json(env)');
    await host.deploy({ name: 'f', source });
    await host.deploy({ tenant: 'one', name: 'f', source, config: { env: { D: 'deployment' } } });
    expect(await (await get(host, '/f')).json()).toEqual({ A: 'host', B: 'function' });
    expect(await (await get(host, '/one/f')).json()).toEqual({
      A: 'tenant',
      B: 'host',
      C: 'function',
      D: 'deployment',
    });
  });

  test('has limits of the host, the tenant and the function', async () => {
    await using host = await createHost({
      responseBodyBytes: 100,
      functions: { f: { responseBodyBytes: 200 } },
      tenants: { one: { responseBodyBytes: 300 } },
    });
    const source = fn('return new Response("x".repeat(Number(new URL(request.url).search.slice(1))))');
    await host.deploy({ name: 'f', source });
    await host.deploy({ name: 'g', source });
    await host.deploy({ tenant: 'one', name: 'f', source });
    await host.deploy({ tenant: 'one', name: 'g', source, config: { responseBodyBytes: 400 } });
    for (const [path, limit] of [
      ['/f', 200],
      ['/g', 100],
      ['/one/f', 300],
      ['/one/g', 400],
    ] as const) {
      expect((await get(host, `${path}?${limit}`)).status, path).toBe(200);
      expect((await get(host, `${path}?${limit + 1}`)).status, path).toBe(500);
    }
  });

  test('two in one process do not notice each other', async () => {
    await using one = await testHost({ f: fn('return new Response("one")') });
    await using two = await testHost({ f: fn('return new Response("two")') });
    expect(await (await get(one, '/f')).text()).toBe('one');
    await one.close();
    expect(await (await get(two, '/f')).text()).toBe('two');
    expect(await two.metrics.expose()).toContain(
      'isohost_invocations_total{tenant="default",function="f",outcome="ok"} 1',
    );
  });
});

describe('a deployment', () => {
  test('takes the place of the last version; calls under way end on theirs', async () => {
    await using host = await testHost({
      f: fn('await new Promise((r) => setTimeout(r, 200)); return new Response("old")'),
    });
    const slow = get(host, '/f');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { version } = await host.deploy({ name: 'f', source: fn('return new Response("new")') });
    expect(await (await get(host, '/f')).text()).toBe('new');
    expect(await (await slow).text()).toBe('old');
    expect(host.functions()).toMatchObject([{ name: 'f', version }]);
  });

  test('that is broken is refused, and the last version stays', async () => {
    await using host = await testHost({ f: fn('return new Response("good")') });
    await expect(host.deploy({ name: 'f', source: 'const = 1' })).rejects.toBeInstanceOf(BundleError);
    expect(await (await get(host, '/f')).text()).toBe('good');
    expect(host.functions()[0]!.error).toBeInstanceOf(BundleError);
    await host.deploy({ name: 'f', source: fn('return new Response("better")') });
    expect(host.functions()[0]!.error).toBeUndefined();
    expect(await (await get(host, '/f')).text()).toBe('better');
  });

  test('that never worked is answered 500, with the error for its owner', async () => {
    const records: InvocationRecord[] = [];
    await using host = await createHost({ onInvocation: (record) => records.push(record) });
    await expect(host.deploy({ name: 'f', source: 'const = 1' })).rejects.toThrow('Expected identifier');
    expect((await get(host, '/f')).status).toBe(500);
    expect(records[0]!.outcome).toMatchObject({
      kind: 'exception',
      error: { message: expect.stringContaining('f.ts:1:7') },
    });
  });

  test('many at once of one name end with the last', async () => {
    await using host = await createHost();
    await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        host.deploy({ name: 'f', source: fn(`return new Response("${index}")`) }),
      ),
    );
    expect(await (await get(host, '/f')).text()).toBe('4');
  });

  test('of a file or folder', async () => {
    await using folder = await temporaryFolder({
      'f.ts': 'export default () => new Response("file")',
      'g/index.js': 'import x from "./x.js"; export default () => new Response(x)',
      'g/x.js': 'export default "folder"',
    });
    await using host = await createHost();
    const info = await host.deploy({ name: 'f', entry: folder.file('f.ts') });
    await host.deploy({ name: 'g', entry: folder.file('g') });
    expect(await (await get(host, '/f')).text()).toBe('file');
    expect(await (await get(host, '/g')).text()).toBe('folder');
    expect(info.inputs).toEqual([folder.file('f.ts')]);
    expect(info.bundleBytes).toBeGreaterThan(30);
  });

  test.each([
    ['', 'letters'],
    ['a/b', 'letters'],
    ['..', 'letters'],
    ['-a', 'letters'],
    ['a'.repeat(64), 'letters'],
    ['a b', 'letters'],
    ['healthz', '/healthz'],
    ['metrics', '/metrics'],
    ['Readyz', '/readyz'],
  ])('is refused under the name %j', async (name, reason) => {
    await using host = await createHost();
    const error: unknown = await host.deploy({ name, source: '' }).catch((reason_: unknown) => reason_);
    expect(error).toBeInstanceOf(HostError);
    expect(error).toMatchObject({ code: 'ISOHOST_INVALID_NAME', message: expect.stringContaining(reason) });
  });

  test('is refused when its path would be ambiguous', async () => {
    await using host = await testHost({ one: fn(''), 'two/f': fn('') });
    await expect(host.deploy({ tenant: 'one', name: 'f', source: '' })).rejects.toThrow('"one" would be both');
    await expect(host.deploy({ name: 'two', source: '' })).rejects.toThrow('"two" would be both');
  });

  test('is refused when both meanings of its path come at once', async () => {
    await using host = await createHost();
    const results = await Promise.allSettled([
      host.deploy({ name: 'both', source: fn('return new Response("function")') }),
      host.deploy({ tenant: 'both', name: 'f', source: fn('return new Response("tenant")') }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await (await get(host, '/both/f')).text()).toBe('function');
  });

  test.each([
    [{}, 'option "name" is missing'],
    [{ name: 5 }, 'option "name" is 5'],
    [{ name: 'f', source: '', nope: 1 }, 'unknown option "nope"'],
    [{ name: 'f', source: '', langage: 'js' }, 'did you mean "language"?'],
    [{ name: 'f', source: '', language: 'py' }, 'option "language" is "py"'],
    [{ name: 'f', source: '', config: { memory: 1 } }, 'unknown option "memory"'],
    [{ name: 'f', source: '', base: '/there/is/no/such/folder' }, 'no folder of the name given as "base"'],
    [{ name: 'f', source: '', config: { memoryMiB: 4_096 } }, 'all invocations together may have 1024'],
  ])('is refused with the options %j', async (options, text) => {
    await using host = await createHost({ memoryBudgetMiB: 1_024 });
    await expect(host.deploy(options as never)).rejects.toThrow(text);
  });

  test('ends with the host', async () => {
    const host = await createHost();
    const deployment = host.deploy({ name: 'f', source: fn('') }).catch((error: unknown) => error);
    await host.close();
    expect(await deployment).toMatchObject({ code: 'ISOHOST_CLOSED' });
  });

  test('can ask for less trust than the host grants, not for more', async () => {
    await using host = await createHost({
      isolation: { trust: 'untrusted' },
      functions: { g: { isolation: { trust: 'trusted' } } },
    });
    const deploy = (name: string, trust: 'trusted' | 'untrusted') =>
      host.deploy({ name, source: fn('return new Response("x")'), config: { isolation: { trust } } });
    await deploy('f', 'untrusted');
    await deploy('g', 'trusted');
    await expect(deploy('f', 'trusted')).rejects.toThrow('asks for isolation.trust "trusted"');
  });

  test('needs either a file or code', async () => {
    await using host = await createHost();
    await expect(host.deploy({ name: 'f' })).rejects.toThrow('either "entry" or "source"');
    await expect(host.deploy({ name: 'f', entry: 'x', source: 'y' })).rejects.toThrow('either "entry" or "source"');
  });

  test('can be removed', async () => {
    await using host = await testHost({ f: fn('return new Response("x")') });
    expect(host.remove('f')).toBe(true);
    expect(host.remove('f')).toBe(false);
    expect((await get(host, '/f')).status).toBe(404);
    expect(host.functions()).toEqual([]);
  });
});

describe('admission', () => {
  test('lets only so many calls of a function run at once; the others wait', async () => {
    await using host = await testHost({}, { concurrency: 2 });
    await host.deploy({
      name: 'f',
      source: fn('await new Promise((r) => setTimeout(r, 100)); return new Response("x")'),
    });
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, host.status().isolates);
    }, 5);
    const answers = await Promise.all(Array.from({ length: 6 }, () => get(host, '/f')));
    clearInterval(watch);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(most).toBe(2);
  });

  test('turns away what does not fit into the queue, or waits too long', async () => {
    await using host = await testHost({}, { concurrency: 1, queueLength: 2, queueAgeMs: 150 });
    await host.deploy({
      name: 'f',
      source: fn('await new Promise((r) => setTimeout(r, 400)); return new Response("x")'),
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => get(host, '/f')));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 503, 503, 503, 503]);
    const refused = answers.find(({ status }) => status === 503)!;
    expect([refused.headers.get('retry-after'), refused.headers.get('x-isohost-outcome')]).toEqual(['1', 'overloaded']);
  });

  test('does not let one function keep another from running', async () => {
    await using host = await testHost({ g: fn('return new Response("g")') }, { concurrency: 1 });
    await host.deploy({
      name: 'f',
      source: fn('await new Promise((r) => setTimeout(r, 300)); return new Response("f")'),
    });
    const slow = [get(host, '/f'), get(host, '/f'), get(host, '/f')];
    const quick = await Promise.race([get(host, '/g'), ...slow]);
    expect(await quick.text()).toBe('g');
    await Promise.all(slow);
  });
});

describe('the end of a host', () => {
  test('drain refuses new calls and waits for the others', async () => {
    await using host = await testHost({
      f: fn('await new Promise((r) => setTimeout(r, 200)); return new Response("done")'),
    });
    const call = get(host, '/f');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const drained = host.drain();
    expect(host.status().isReady).toBe(false);
    expect((await get(host, '/f')).status).toBe(503);
    await drained;
    expect(await (await call).text()).toBe('done');
  });

  test('close ends calls under way and refuses everything after', async () => {
    const host = await testHost({ f: fn('await new Promise((r) => setTimeout(r, 60_000))') });
    const call = get(host, '/f');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await host.close();
    expect((await call).headers.get('x-isohost-outcome')).toBe('canceled');
    expect((await get(host, '/f')).status).toBe(503);
    await expect(host.deploy({ name: 'g', source: '' })).rejects.toMatchObject({ code: 'ISOHOST_CLOSED' });
    expect(host.status()).toMatchObject({ isReady: false, isolates: 0, stuckIsolates: 0 });
  });

  test('a request that is aborted ends its invocation', async () => {
    const records: InvocationRecord[] = [];
    await using host = await testHost(
      { f: fn('await new Promise((r) => setTimeout(r, 60_000))') },
      { onInvocation: (record) => records.push(record) },
    );
    const controller = new AbortController();
    const call = get(host, '/f', { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await call;
    expect(records.map(({ outcome }) => outcome.kind)).toEqual(['canceled']);
  });
});
