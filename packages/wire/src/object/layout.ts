/**
 * Where everything stands in an object. SPEC, Objects.
 *
 * | off | size     | name      | in the id | signed | meaning                                                        |
 * | --- | -------- | --------- | --------- | ------ | -------------------------------------------------------------- |
 * | 0   | 1        | head      | yes       | yes    | `0101 LLKK`: version 1 of SRP, life class, kind                |
 * | 1   | 1        | postage   | no        | no     | hops left, 0..16; the only byte that changes on the way        |
 * | 2   | 4        | time      | yes       | yes    | when it was made, Unix seconds, big-endian                     |
 * | 6   | 8        | tag       | yes       | yes    | first 8 bytes of the topic id                                  |
 * | 14  | 16       | prev      | yes       | yes    | id of the author's object before this one in the topic, or zero |
 * | 30  | 8        | next      | no        | yes    | first 8 bytes of the id of the object after it, or zero        |
 * | 38  | 32       | author    | yes       | yes    | Ed25519 public key                                             |
 * | 70  | 64       | signature | no        | -      | Ed25519                                                        |
 * | 134 | 40..1064 | body      | yes       | yes    | nonce 24, ciphertext 0..1024, seal 16                          |
 *
 * There is no length (the datagram has it) and no id (hashing gives it).
 */
import { objectNibble } from '../constants.js';

export const headAt = 0;
export const postageAt = 1;
export const timeAt = 2;
export const tagAt = 6;
export const prevAt = 14;
export const nextAt = 30;
export const authorAt = 38;
export const signatureAt = 70;
export const bodyAt = 134;

export const tagBytes = 8;
export const prevBytes = 16;
export const nextBytes = 8;
export const authorBytes = 32;
export const signatureBytes = 64;

/** Kinds by number; 3 is reserved. */
export const kinds = ['message', 'part', 'manifest'] as const;

/** What an object is: a whole message, a part of a larger one, or the list that ends a run of parts. */
export type PacketKind = (typeof kinds)[number];

/** How long an object lives: 0 two minutes, 1 six hours, 2 a day, 3 a week. */
export type Life = 0 | 1 | 2 | 3;

/** Whether the first byte announces an object of SRP/1. */
export const isObject = (bytes: Uint8Array): boolean => ((bytes[0] ?? 0) & 0xf0) === objectNibble;
