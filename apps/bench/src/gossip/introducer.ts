/** A process with a peer that knows nobody and joins nothing, and with a socket that sends back what it gets. */
import { Peer } from '@srp/peer';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const peer = await Peer.open({ hosts: ['127.0.0.1'], lan: 'off' });
const echo = createSocket('udp4').bind(0, '127.0.0.1');
await once(echo, 'listening');
echo.on('message', (bytes, { address, port }) => echo.send(bytes, port, address));
process.on('disconnect', () => process.exit());
process.send?.({ introducer: `${peer.id}@${peer.addresses[0] ?? ''}`, echoPort: echo.address().port });
