/**
 * What a peer answers before a session is open: to whoever sent a datagram, who may not be there. SPEC, Link (L-7).
 *
 * It changes nothing and is no longer than there is room for; what it cannot say now waits until the session is open.
 */
import type { EarlyAnswer, EarlyWords } from '@srp/link';
import { decodeFrame, encodeFrame, type Frame, type Hello, type PeerAddress, type Peers } from '@srp/wire';
import { bundledFrameBytes } from '../constants.js';

/** What is answered to a peer that may not be there: as much as there is room for, from what is known. */
export const answerEarly = ({ peer, from, frames, bytesMax }: EarlyWords, answer: (asker: PeerAddress, frame: Frame) => Hello | Peers | null): EarlyAnswer => {
  const said: Uint8Array[] = [];
  const left: Uint8Array[] = [];
  let room = bytesMax;
  for (const bytes of frames) {
    const [frame] = framesOf(bytes);
    const answered = frame === undefined ? null : answer({ peer, address: from }, frame);
    const fitting = answered === null ? null : encodeWithin(answered, room - bundledFrameBytes);
    if (fitting !== null) {
      said.push(fitting);
      room -= fitting.length + bundledFrameBytes;
    }
    // What a HELLO says counts once its sender has shown to be there.
    if (fitting === null || frame?.kind === 'hello') left.push(bytes);
  }
  return { frames: said, left };
};

/** The frame that these bytes are, or none. */
export const framesOf = (bytes: Uint8Array): readonly Frame[] => {
  const parsed = decodeFrame(bytes);
  return parsed.ok ? [parsed.value] : [];
};

/** A frame of at most so many bytes, with fewer names if need be; `null` if none is left. */
const encodeWithin = (frame: Hello | Peers, bytesMax: number): Uint8Array | null => {
  const bytes = encodeFrame(frame);
  if (bytes.length <= bytesMax) return bytes;
  if (frame.kind !== 'peers') return null;
  const { keepers, ...other } = frame;
  if (keepers !== undefined) return encodeWithin(keepers.length === 1 ? other : { ...other, keepers: keepers.slice(0, -1) }, bytesMax);
  if (frame.peers.length + frame.closer.length <= 1) return null;
  const shorter = frame.peers.length >= frame.closer.length ? { peers: frame.peers.slice(1) } : { closer: frame.closer.slice(0, -1) };
  return encodeWithin({ ...frame, ...shorter }, bytesMax);
};
