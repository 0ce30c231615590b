/** Loaded before a command of isohost: writes down which modules of Node it has loaded when it says that it is ready, and on SIGUSR2. */
import { writeFileSync } from 'node:fs';

const file = process.env['LOADED_MODULES'];
const tell = (when) => writeFileSync(`${file}.${when}`, process.moduleLoadList.join('\n'));
const { stderr } = process;
const write = stderr.write;
stderr.write = (...args) => {
  if (/^ready /m.test(String(args[0]))) tell('ready');
  return write.apply(stderr, args);
};
process.on('SIGUSR2', () => {
  tell('later');
  stderr.write('told\n');
});
