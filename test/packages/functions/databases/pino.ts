import pino from 'pino';

export default function () {
  const lines: unknown[] = [];
  const logger = pino({ browser: { asObject: true, write: (line) => lines.push(line) }, level: 'debug' });
  logger.child({ request: 7 }).info({ user: 'ada' }, 'hello %s', 'there');
  logger.trace('dropped');
  return Response.json(lines.map((line) => ({ ...(line as object), time: 0 })));
}
