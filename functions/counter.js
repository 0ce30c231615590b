// Counts to one, always: nothing of a call is left for the next.
//   curl localhost:8080/counter
globalThis.count = (globalThis.count ?? 0) + 1;

export default () => new Response(`${globalThis.count}\n`);
