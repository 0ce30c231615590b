// The smallest function: a default export that answers a request.
//   curl localhost:8080/hello
export default () => new Response('Hello from a fresh isolate\n');
