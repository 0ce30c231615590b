/** Code that misuses WebSockets and event streams: those that it opens itself, and those of clients. */
import { handlerCase, type HostileCase } from '../hostile-case.ts';

/** Nobody may connect there. */
const nowhere = "'ws://127.0.0.1:9/'";

export const socketCases: readonly HostileCase[] = [
  handlerCase(
    'socket: a thousand at once',
    ['ok', 'exceededCpu'],
    `const all = []; for (let i = 0; i < 1000; i++) all.push(new Promise((r) => { new WebSocket(${nowhere}).onclose = r; })); await Promise.all(all); return new Response('x')`,
    { text: 'x' },
  ),
  handlerCase('socket: more and more', ['exceededCpu', 'exceededMemory'], `for (;;) new WebSocket(${nowhere})`),
  handlerCase(
    'socket: again when it was refused',
    ['exceededCpu', 'exceededWallTime'],
    `await new Promise(() => { const again = () => { new WebSocket(${nowhere}).onclose = again; }; again(); })`,
  ),
  handlerCase(
    'socket: waits for one that never opens',
    'neverSettles',
    `await new Promise((r) => { new WebSocket(${nowhere}).onopen = r; })`,
  ),
  handlerCase(
    'socket: a message of a gigabyte',
    ['exception', 'exceededMemory', 'exceededCpu'],
    `const [, b] = Object.values(new WebSocketPair()); const half = 'x'.repeat(2 ** 28); b.send(half + half + half + half)`,
  ),
  handlerCase(
    'socket: a message over the limit',
    'exception',
    `new WebSocketPair()[1].send(new Uint8Array(2 ** 20 + 1))`,
  ),
  handlerCase(
    'socket: messages that nobody takes',
    // An array buffer that is not to be had is an exception.
    ['exceededMemory', 'exceededCpu', 'exception'],
    `const [, b] = Object.values(new WebSocketPair()); for (;;) b.send('x'.repeat(100_000))`,
  ),
  handlerCase(
    'socket: two ends that answer each other twice',
    ['exceededMemory', 'exceededCpu', 'exceededWallTime'],
    `const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept();
     for (const s of [a, b]) s.onmessage = ({ data }) => { s.send(data); s.send(data); }; a.send('x'.repeat(1000)); await new Promise(() => {})`,
  ),
  handlerCase(
    'socket: all codes that there are not',
    'ok',
    `let n = 0; for (const code of [-1, 0, 1, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65536, 2 ** 32 + 1000, NaN, Infinity, 'x', {}]) { try { new WebSocketPair()[0].close(code) } catch { n++ } } return new Response(String(n))`,
    { text: '16' },
  ),
  handlerCase(
    'socket: a reason that is too long',
    'exception',
    `new WebSocketPair()[0].close(1000, '\\u{1f98a}'.repeat(31))`,
  ),
  handlerCase(
    'socket: an answer that nobody asked for',
    'exception',
    `return new Response(null, { status: 101, webSocket: new WebSocketPair()[0] })`,
  ),
  handlerCase(
    'socket: an answer with what only looks like one',
    'exception',
    `new WebSocketPair(); return new Response(null, { status: 101, webSocket: Object.create(WebSocket.prototype) })`,
  ),
  handlerCase(
    'socket: an answer with one that it opened itself',
    'exception',
    `return new Response(null, { status: 101, webSocket: new WebSocket(${nowhere}) })`,
  ),
  handlerCase(
    'socket: methods of the runtime that user code has replaced',
    ['ok', 'exception', 'neverSettles', 'exceededCpu'],
    `for (const p of [Array.prototype, Uint8Array.prototype, DataView.prototype, Promise.prototype, String.prototype])
       for (const k of Object.getOwnPropertyNames(p)) { try { if (typeof p[k] === 'function' && k !== 'constructor') p[k] = () => p } catch {} }
     new WebSocket(${nowhere}); new WebSocketPair()[0].send('x'); return new Response('x')`,
  ),
  handlerCase(
    'socket: the method that opens one, by hand',
    'exception',
    `await fetch('http://127.0.0.1:9/', { method: 'CONNECT' })`,
  ),
  handlerCase(
    'socket: an event source of a host that is out of reach',
    'ok',
    `const s = new EventSource('http://169.254.169.254/'); await new Promise((r) => { s.onerror = r; }); return new Response(String(s.readyState))`,
    { text: '2' },
  ),
  handlerCase(
    'socket: event sources without end',
    ['exceededCpu', 'exceededMemory'],
    `for (;;) new EventSource('http://127.0.0.1:9/')`,
  ),
  handlerCase(
    'socket: listeners of rejections that reject',
    ['exceededCpu', 'exceededWallTime', 'exceededMemory'],
    `addEventListener('unhandledrejection', async () => { setTimeout(async () => { throw 1 }); throw 2 }); setTimeout(async () => { throw 0 }); await new Promise(() => {})`,
  ),
];
