/**
 * What the earlier implementation asks of the runtime it was written for, by Node's own means: native, and faster than the
 * JavaScript it brings along for other places. Its libsodium is its own.
 */
import { createHash } from 'node:crypto';
import { type Sodium, sodiumFile } from './types.js';

export { Buffer, Buffer as default } from 'node:buffer';
export { randomBytes } from 'node:crypto';

export const isBufferLike = (value: unknown): boolean => value instanceof Uint8Array;
export const isArrayLike = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value);

/** Compiled while this module loads. */
export const { default: sodium } = (await import(sodiumFile)) as { readonly default: Sodium };
await sodium.ready;

/** Bytes as a Buffer. */
export const toBuffer = (value: string | Uint8Array): Buffer => (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.length));
/** `name`: as browsers call a hash, SHA-1. */
export const createDigest = (name: string, bytes: Uint8Array): Promise<Buffer> => Promise.resolve(createHash(name.replace('-', '')).update(bytes).digest());
