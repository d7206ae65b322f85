// uvu, with a ledger. uvu loses what a hook throws, trips over a thrown value that is no Error, and cannot know of a
// suite that was never run; all three end green. Here each is written down, and the runner reads it.
import { inspect } from 'node:util';
import * as uvu from 'uvu';

/** `suites`: all that were made; `waiting` tests were registered since the last run(). `lost`: what uvu will not tell. */
export const ledger = { suites: [], runs: 0, lost: new Set() };

export const exec = uvu.exec;
export const suite = (name = '', state = {}) => track(uvu.suite(name, state), name);
export const test = track(uvu.test, '');

function track(inner, name) {
  const entry = { name, waiting: 0 };
  ledger.suites.push(entry);
  const add = (register) => (title, handler) => {
    entry.waiting += 1;
    register(title, guard(handler));
  };
  const outer = add(inner);
  outer.only = add(inner.only);
  outer.skip = (...args) => {
    entry.waiting += 1;
    inner.skip(...args);
  };
  outer.before = (handler) => inner.before(guard(handler, 'before'));
  outer.before.each = (handler) => inner.before.each(guard(handler));
  outer.after = (handler) => inner.after(guard(handler));
  outer.after.each = (handler) => inner.after.each(guard(handler, 'after.each'));
  outer.run = () => {
    entry.waiting = 0;
    ledger.runs += 1;
    inner.run();
  };
  return outer;
}

/** Makes a handler throw Errors only. With a hook's name, what it throws is written down, for uvu forgets it. */
function guard(handler, hook) {
  return async (context) => {
    try {
      await handler(context);
    } catch (thrown) {
      const isError = typeof thrown?.stack === 'string' && typeof thrown.name === 'string';
      const error = isError ? thrown : new Error(`something that is no Error was thrown: ${inspect(thrown)}`);
      if (hook !== undefined) ledger.lost.add(`${hook} threw: ${error.stack}`);
      throw error;
    }
  };
}
