export default () => new Response('Hello from a fresh isolate\n');
