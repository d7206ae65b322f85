/**
 * Question: what does a peer do with an object that a neighbour sends, beyond the cryptography that it cannot do without?
 * And what does it cost if the object was here before?
 *
 * Method: a whole `PeerProtocol` and one neighbour with a true session, in virtual time. Measured is `handle` of a datagram
 * with a signed object of 1198 bytes, of a topic that the peer passes on and has not joined: open the session's seal, parse,
 * check age and postage, hash, look whether it was seen, rate, verify, cache, decide who gets it (nobody: there is no second
 * neighbour). For a duplicate the same objects come in new datagrams. At the end the peer's own counts are compared with
 * what was sent.
 * Control: the floor of a fresh one is the sum of the three calls of node:crypto that it must make: open ChaCha20-Poly1305,
 * SHA-256, verify Ed25519, on keys that are at hand. The floor of a duplicate is the first two; its peer is a fresh one.
 * Limits: one author, one neighbour, warm code; the cache has room. In a full one each object pushes out another: told
 * beside the row. Opening the body for a member of the topic is not part of it, and no socket is.
 */
import { eachOnce, type Effort, interleave } from '../measure.js';
import { finding, type Finding, quantile } from '../row.js';
import { Objects } from './objects.js';

const roomyBytes = 256 * 1024 * 1024;
const smallBytes = 1024 * 1024;

export const run = async (effort: Effort): Promise<readonly Finding[]> => {
  const objects = new Objects({ cacheBytes: roomyBytes });
  const pressed = new Objects({ cacheBytes: smallBytes });
  const samples = await interleave(effort, {
    fresh: eachOnce(() => objects.fresh(), (datagram) => objects.receive(datagram)),
    again: eachOnce(() => objects.again(), (datagram) => objects.receive(datagram)),
    full: eachOnce(() => pressed.fresh(), (datagram) => pressed.receive(datagram)),
    bareFresh: eachOnce(() => objects.bare(), (bare) => objects.openHashAndVerify(bare)),
    bareAgain: eachOnce(() => objects.bare(), (bare) => objects.openAndHash(bare)),
  });
  objects.check();
  pressed.check();
  const micro = (nanoseconds: readonly number[]): readonly number[] => nanoseconds.map((sample) => sample / 1000);
  const unit = 'us/object';
  return [
    finding(
      { name: 'peer/receive-fresh', unit, target: { toFloorMax: 1.2 }, remarks: [`with a full cache: ${quantile(micro(samples.full), 0.5).toFixed(1)} us`] },
      { ours: micro(samples.fresh), peer: null, floor: { name: 'node:crypto: open the seal, SHA-256, verify', samples: micro(samples.bareFresh) } },
    ),
    finding(
      { name: 'peer/receive-duplicate', unit, target: { toPeerMin: 5 } },
      {
        ours: micro(samples.again),
        peer: { name: 'a fresh object', samples: micro(samples.fresh) },
        floor: { name: 'node:crypto: open the seal, SHA-256', samples: micro(samples.bareAgain) },
      },
    ),
  ];
};
