// What a function can find out about where it runs.
//   curl localhost:8080/whoami
export default {
  fetch(request, env) {
    const names = ['process', 'require', 'Deno', 'Bun', 'Buffer', 'SharedArrayBuffer'];
    return Response.json({
      variables: Object.keys(env),
      reachable: Object.fromEntries(names.map((name) => [name, typeof globalThis[name]])),
      uuid: crypto.randomUUID(),
    });
  },
};
