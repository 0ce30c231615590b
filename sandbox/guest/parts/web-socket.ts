/** https://websockets.spec.whatwg.org, and WebSocketPair as on Workers. */
export { isWebSocket, WebSocket, WebSocketPair } from './web-socket/web-socket.ts';
export { serveSocket } from './web-socket/serve.ts';
