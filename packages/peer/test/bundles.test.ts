import { publicTopic } from '@srp/identity';
import { test } from 'uvu';
import { is } from 'uvu/assert';
import { Table } from './table.js';

/** The first byte of a datagram of a session. */
const data = 0x08;

test('what a peer says to a neighbour at one moment is one datagram', () => {
  const table = new Table();
  const [alice, bob] = [table.seat(), table.seat()];
  const sent: number[] = [];
  const input = table.input.bind(table);
  table.input = (seat, what) => {
    const outputs = input(seat, what);
    sent.push(outputs.filter((output) => output.kind === 'transmit' && output.bytes[0] === data).length);
    return outputs;
  };
  for (const seat of [alice, bob]) for (let n = 0; n < 12; n += 1) table.input(seat, { kind: 'join', topic: publicTopic(`topic ${n}`), mode: 'live' });
  table.introduce(alice, bob);
  table.pass(5_000);
  is(Math.max(...sent), 2, 'twelve questions about twelve topics in one, and a PONG of the link');
});

test.run();
