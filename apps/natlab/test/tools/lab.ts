/** Running the lab from tests, which stand outside it. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Test } from 'uvu';
import { complaint } from '../../dist/room.js';

export const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export const lab = async (args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> =>
  await new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (text: Buffer) => (said[stream] += text.toString()));
    child.on('close', (status) => resolve({ status, ...said }));
  });

/** Whether a box that is to open ports for who asks can: Debian's miniupnpd-nftables. */
export const hasGateway = spawnSync('sh', ['-c', 'PATH=$PATH:/usr/sbin; command -v miniupnpd']).status === 0;

/** Adds tests that need the kernel; where it cannot be had, one that says so, unless SRP_NATLAB=required: then they fail. */
export const inKernel = (test: Test, what: string, add: () => void): void => {
  const why = complaint();
  if (why === null || process.env['SRP_NATLAB'] === 'required') {
    add();
    return;
  }
  test(`${what}: skipped, since the lab cannot run here`, () => {
    console.log(`\n\n  SKIPPED ${what}: ${why}`);
    console.log('  The lab needs Linux, root (or user namespaces), iproute2, iptables and nftables. This result is replayed until');
    console.log('  a source changes: after mending it, npm test -- natlab --force\n');
  });
};
