/** Frames that wait for a handshake: the oldest goes when there are too many, because what is newer supersedes it. */
import { queuedFramesMax } from './constants.js';

export class FrameQueue {
  readonly #frames: Uint8Array[] = [];

  /** Oldest first. */
  get frames(): readonly Uint8Array[] {
    return this.#frames;
  }

  /** Returns false if the oldest had to go for it. */
  push(frame: Uint8Array): boolean {
    this.#frames.push(frame);
    if (this.#frames.length <= queuedFramesMax) return true;
    this.#frames.shift();
    return false;
  }
}
