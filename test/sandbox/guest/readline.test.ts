/** `node:readline` over streams, and the standard streams of `process`, against Node. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSame } from '../../support/same.ts';
import { evaluate, handler, invoke, type TestSandbox, testSandbox } from '../../support/sandbox.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await testSandbox();
});
afterAll(() => sandbox.close());

const start = `const { Buffer } = require('node:buffer');
  const rl = require('node:readline'); const { Readable, Writable, PassThrough } = require('node:stream');
  const sink = () => { const out = []; const w = new Writable({ write(c, _e, done) { out.push(String(c)); done() } }); return [out, w] };`;

const snippets = {
  'lines of a stream, however it comes in pieces': `const input = Readable.from(['a\\nb', 'c\\r', '\\nd\\r\\ne\\rf', '\\u2028g']); const lines = []; const i = rl.createInterface({ input }); i.on('line', (l) => lines.push(l)); await new Promise((r) => i.on('close', r)); return lines`,
  'bytes that split a character': `const bytes = Buffer.from('é\\n😀\\n'); const input = Readable.from([bytes.subarray(0, 1), bytes.subarray(1, 5), bytes.subarray(5)], { objectMode: false }); const lines = []; for await (const l of rl.createInterface({ input })) lines.push(l); return lines`,
  'an iterator that is left': `const input = new PassThrough(); input.end('a\\nb\\nc\\n'); const i = rl.createInterface({ input }); const lines = []; for await (const l of i) { lines.push(l); if (l === 'b') break } return [lines, i.closed]`,
  'more lines than are kept for an iterator': `const input = new PassThrough(); input.end('x\\n'.repeat(5000)); let n = 0; for await (const l of rl.createInterface({ input })) n += l.length; return n`,
  'questions, one after the other': `const input = new PassThrough(); const [out, output] = sink(); const i = rl.createInterface({ input, output }); const told = []; const closed = new Promise((r) => i.on('close', r)); i.question('name? ', (a) => { told.push(a); i.question('age? ', (b) => { told.push(b); i.close() }) }); input.write('Ada\\n36\\nrest\\n'); await closed; return [told, out]`,
  'questions with promises': `const input = new PassThrough(); const [, output] = sink(); const i = require('node:readline/promises').createInterface({ input, output }); const answer = i.question('? '); input.write('yes\\n'); const told = await answer; i.close(); return told`,
  'a question that is given up': `const input = new PassThrough(); const c = new AbortController(); const i = require('node:readline/promises').createInterface({ input }); const answer = i.question('? ', { signal: c.signal }); c.abort(); const told = await answer.catch((e) => [e.name, e.code]); i.close(); return told`,
  'what is done when it is closed': `const i = rl.createInterface({ input: new PassThrough() }); i.close(); const told = [i.closed]; for (const f of [() => i.prompt(), () => i.question('?', () => {})]) try { f(); told.push('done') } catch (e) { told.push(e.code) } return told`,
  'pause and resume': `const i = rl.createInterface({ input: new PassThrough() }); const told = []; i.on('pause', () => told.push('pause')).on('resume', () => told.push('resume')); i.pause(); i.pause(); i.resume(); i.close(); return told`,
  prompts: `const [out, output] = sink(); const i = rl.createInterface({ input: new PassThrough(), output, prompt: '$ ' }); const first = i.getPrompt(); i.prompt(); i.setPrompt('# '); i.prompt(); i.close(); return [first, out]`,
  'a signal that closes it': `const c = new AbortController(); const i = rl.createInterface({ input: new PassThrough(), signal: c.signal }); const closed = new Promise((r) => i.on('close', () => r('closed'))); c.abort(); return closed`,
  'control sequences': `const [out, w] = sink(); const told = [rl.clearLine(w, -1), rl.clearLine(w, 1), rl.clearLine(w, 0), rl.clearScreenDown(w), rl.cursorTo(w, 3), rl.cursorTo(w, 1, 2), rl.moveCursor(w, 2, -3), rl.moveCursor(w, 0, 0)]; try { rl.cursorTo(w, 'a') } catch (e) { told.push(e.code) } return [told, out.join('|')]`,
  'control sequences that are written together': `const [out, w] = sink(); const r = new (require('node:readline/promises').Readline)(w); r.clearLine(0).cursorTo(1, 2).rollback().moveCursor(1, 0).clearScreenDown(); const before = out.length; await r.commit(); return [before, out.join('|')]`,
};

test.each(Object.entries(snippets))('%s', async (_, body) => {
  await expectSame(sandbox, start + body);
});

test('without a stream there are no lines, and the answer to a question is empty', async () => {
  const body = `const rl = require('node:readline'); const told = [rl.clearLine(), rl.cursorTo(undefined, 1)];
    const i = rl.createInterface(); i.question('?', (a) => told.push(a)); for await (const line of i) told.push(line);
    return Response.json(told)`;
  expect(JSON.parse(await evaluate(sandbox, body))).toEqual([false, false, '']);
});

test('the streams of process are streams, and what is written to them are lines of the log', async () => {
  const { text, logs } = await invoke(
    sandbox,
    handler(`const process = require('node:process'); const { Buffer } = require('node:buffer'); const { Readable, Writable } = require('node:stream');
      process.stdout.write('first\\n');
      await new Promise((done) => process.stdout.write(Buffer.from('é'), done));
      const told = [process.stdout instanceof Writable, process.stdin instanceof Readable, process.stdout.fd, process.stderr.fd];
      process.stdout.write('third');
      await new Promise((done) => process.stderr.write('fourth', 'utf8', done));
      Readable.from(['fifth']).pipe(process.stdout, { end: false });
      for await (const chunk of process.stdin) told.push(chunk);
      await new Promise((done) => setTimeout(done, 5));
      return Response.json(told);`),
  );
  expect(JSON.parse(text)).toEqual([true, true, 1, 2]);
  expect(logs.map((line) => [line.level, line.text])).toEqual([
    ['info', 'first'],
    ['info', 'é'],
    ['info', 'third'],
    ['error', 'fourth'],
    ['info', 'fifth'],
  ]);
});
