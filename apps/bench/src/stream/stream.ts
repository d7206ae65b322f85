/**
 * Question: how fast does a file, and a stream of bytes, go from one process to another?
 *
 * Method: two fresh processes for each run, over loopback; ours, the peer and the floor in turn. `stream/file` shares a file of 256 MiB of random
 * bytes and fetches it, encrypted, each kilobyte checked, read from a disk and written to one; `stream/bytes` writes as much into a stream.
 * The peer is udx-native, streams over UDP in C++, which neither encrypts nor checks; the floor is TCP with node:net. Megabytes of 10^6 bytes
 * a second, from the question to the last byte, so more is better here. Beside it, for both ends together, milliseconds of CPU for a megabyte,
 * and the most memory that one of the two took, in megabytes of 2^20 bytes.
 *
 * Over loopback ours sends datagrams of up to 38 kB (SPEC L-50), the peer at most 1500, as it does everywhere. `ordinary...` is the same with 64 MiB
 * and datagrams of 1227 bytes, as between two hosts: in a namespace of its own, by an address that is not one of loopback. Its floor is what
 * node:dgram takes to send and receive such datagrams, each sealed and opened, and nothing else.
 *
 * Limits: it reads the clock of the wall: run it on an idle machine, or believe the CPU. What a disk does is in `stream/file`.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Effort } from '../measure.js';
import { finding, type Finding, quantile } from '../row.js';
import { type Run, transfer, type Way } from './transfer.js';

/** Of all rounds, what two minutes allow. */
const roundShare = 67;
/** An address that is not of loopback, in a namespace where nothing else is. */
const ordinaryHost = '10.0.0.1';

export const run = async ({ rounds, sliceMs }: Effort): Promise<readonly Finding[]> => {
  const bytes = sliceMs === 0 ? 1024 * 1024 : 256 * 1024 * 1024;
  const runs = noRuns();
  const ordinary = noRuns();
  const hasUdx = await import('udx-native').then(() => true, () => false);
  for (let round = 0; round < Math.max(1, Math.floor(rounds / roundShare)); round += 1) {
    for (const way of ['file', 'udx', 'bytes', 'tcp'] as const) if (way !== 'udx' || hasUdx) runs[way].push(await transfer(way, bytes, '127.0.0.1'));
    for (const way of ['file', 'udx', 'bytes', 'sealed'] as const) if (way !== 'udx' || hasUdx) ordinary[way].push(...(await ordinaryTransfer(way, bytes / 4)));
  }
  const hasOrdinary = ordinary.sealed.length > 0;
  const speeds = (way: Way): number[] => runs[way].map(({ megabytesPerSecond }) => megabytesPerSecond);
  const medians = (figure: keyof Run, way: Way) => ({ ours: median(runs[way], figure), peer: median(runs.udx, figure), floor: median(runs.tcp, figure) });
  const ordinaryMedians = (figure: keyof Run, way: Way) => ({ ours: median(ordinary[way], figure), peer: median(ordinary.udx, figure), floor: median(ordinary.sealed, figure) });
  return (['file', 'bytes'] as const).map((way) =>
    finding(
      {
        name: `stream/${way}`,
        unit: 'MB/s',
        isMoreBetter: true,
        target: { toPeerMin: 0.5 },
        extra: {
          cpuMsPerMB: medians('cpuMsPerMegabyte', way),
          memoryMB: medians('residentMegabytes', way),
          ...(hasOrdinary ? { ordinaryMBps: ordinaryMedians('megabytesPerSecond', way), ordinaryCpuMsPerMB: ordinaryMedians('cpuMsPerMegabyte', way) } : {}),
        },
        remarks: [...(hasUdx ? [] : ['UDX-NATIVE CANNOT BE LOADED HERE: there is no peer']), ...(hasOrdinary ? [] : ['NO NAMESPACE CAN BE MADE HERE: nothing is known of ordinary datagrams'])],
      },
      { ours: speeds(way), peer: hasUdx ? { name: 'udx-native 1.21.1, in the clear', samples: speeds('udx') } : null, floor: { name: 'TCP by node:net, in the clear', samples: speeds('tcp') } },
    ),
  );
};

const median = (runs: readonly Run[], figure: keyof Run): number => (runs.length === 0 ? 0 : quantile(runs.map((one) => one[figure]), 0.5));

const noRuns = (): Record<Way, Run[]> => ({ file: [], bytes: [], udx: [], tcp: [], sealed: [] });

/** One transfer with the datagrams that go across networks; none where no namespace can be made. */
const ordinaryTransfer = async (way: Way, bytes: number): Promise<readonly Run[]> => {
  const script = `ip link set lo up && ip addr add ${ordinaryHost}/32 dev lo && exec "$0" "$@"`;
  const program = fileURLToPath(new URL('transfer.js', import.meta.url));
  const { stdout } = await promisify(execFile)('unshare', ['-rn', 'sh', '-c', script, process.execPath, program, way, String(bytes), ordinaryHost]).catch(() => ({ stdout: '' }));
  return stdout === '' ? [] : [JSON.parse(stdout) as Run];
};
