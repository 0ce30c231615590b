import { connect } from 'node:net';

/** Sends bytes to a server and answers all that comes back until the server closes, `until` is in it, or the time is over. */
export function exchange(url: string, request: string, until?: string, timeMs = 10_000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let received = '';
    const timer = setTimeout(() => finish(), timeMs);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
      if (until !== undefined && received.includes(until)) finish();
    });
    socket.on('close', finish);
    socket.on('error', reject);
  });
}
