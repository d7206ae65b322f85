// The child of log-crash.test.ts: writes to a packet log as hard as it can until it is killed.
//
//   usage: node writer.mjs PATH SEED FIRST
//
// Says on stdout, synchronously, what it is about to do and what was acknowledged:
//   + n v     put of object n in version v begins        - n     delete of object n begins
//   .         everything said so far is flushed
import { openPacketLog } from '@srp/cache/node';
import { writeSync } from 'node:fs';
import { bytesOf, idOf, objects } from './model.mjs';

const [path, seedText, firstText] = process.argv.slice(2);
let state = Number(seedText) >>> 0;
let version = Number(firstText);
const below = (limit) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 0x1_0000_0000) * limit);
};

const { log } = await openPacketLog(path, { compactBytesMin: 32 * 1024 });
for (;;) {
  let said = '';
  const count = 1 + below(24);
  const work = [];
  for (let i = 0; i < count; i += 1) {
    const n = below(objects);
    version += 1;
    const current = version;
    if (below(4) === 0) {
      said += `- ${n}\n`;
      work.push(() => log.delete(idOf(n)));
    } else {
      said += `+ ${n} ${current}\n`;
      const record = { id: idOf(n), pool: 'stranger', keptAt: current, ingress: null, bytes: bytesOf(n, current) };
      work.push(() => log.put(record));
    }
  }
  writeSync(1, said); // first said, then done: the parent knows of everything that may be on the disk
  for (const act of work) if (!act()) throw new Error('refused');
  await log.flush();
  writeSync(1, '.\n');
}
