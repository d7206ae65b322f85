/** Everything of SRP that reads bytes from outside. */
import type { MakeTarget } from '../target.js';
import { cbor, datagrams, frames, invites, objects } from './codecs.js';
import { captured, session, strangers } from './peers.js';

export const targets: Readonly<Record<string, MakeTarget>> = { objects, frames, cbor, datagrams, invites, strangers, captured, session };
