/** How fast something comes: what came in the latest steps of time. */
import type { Instant } from '@srp/machine';
import { rateOverMs, rateSteps } from './constants.js';

const stepMs = rateOverMs / rateSteps;

export class Rate {
  readonly #steps: { at: number; amount: number }[] = [];
  #firstAt: Instant | null = null;

  add(now: Instant, amount: number): void {
    this.#firstAt ??= now;
    const at = Math.floor(now / stepMs);
    const last = this.#steps.at(-1);
    if (last?.at === at) last.amount += amount;
    else this.#steps.push({ at, amount });
    if (this.#steps.length > rateSteps + 1) this.#steps.shift();
  }

  perSecond(now: Instant): number {
    if (this.#firstAt === null) return 0;
    const from = Math.floor(now / stepMs) - rateSteps;
    const sum = this.#steps.reduce((all, { at, amount }) => (at > from ? all + amount : all), 0);
    return (1000 * sum) / Math.max(stepMs, Math.min(rateOverMs, now - this.#firstAt));
  }
}
