/**
 * A cell: a process that holds isolates and does nothing else. It is started by the front, talks to it by file descriptor 3, writes its
 * flight record by descriptor 4, reads large bodies from descriptor 5 and writes them to descriptor 6, and can be killed at any moment. It has
 * no environment, and once it is up, no files and no network.
 */
import { Socket } from 'node:net';
import { BodyReader, BodyWriter } from './body-file.ts';
import { CellServer } from './cell-server.ts';
import { Channel } from './channel.ts';
import { FlightRecorder } from './flight-record.ts';

const socket = new Socket({ fd: 3, readable: true, writable: true });
const server = new CellServer(new FlightRecorder(4), { reader: new BodyReader(5) }, new BodyWriter(6));
server.connect(
  new Channel(
    socket,
    (frame) => server.receive(frame),
    // The front is gone. There is nothing to save, and an isolate that runs must not keep this process.
    () => process.kill(process.pid, 'SIGKILL'),
  ),
);
// Everything that this process needs is loaded. (Node 24 has no way to give the permission back; there it covers the code of isohost.)
const { permission } = process as { permission?: { drop?: (scope: string) => void } };
permission?.drop?.('fs.read');
