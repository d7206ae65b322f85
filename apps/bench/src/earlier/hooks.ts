/** Module hooks (Node runs them in a thread of their own): the earlier implementation finds a runtime here. */
import type { ResolveHook } from 'node:module';

const itsFile = /\/@socketsupply\/socket\/stream-relay\/[a-z]+\.js$/;
const runtime = new URL('runtime.js', import.meta.url).href;
const given = new Map([
  ['../buffer.js', runtime],
  ['../util.js', runtime],
  ['../crypto.js', runtime],
  // The whole peer, of which the codec wants the function that prints what is wrong.
  ['./index.js', 'data:text/javascript,export default () => undefined'],
]);

export const resolve: ResolveHook = async (specifier, context, next) => {
  const url = itsFile.test(context.parentURL ?? '') ? given.get(specifier) : undefined;
  return url === undefined ? await next(specifier, context) : { url, shortCircuit: true };
};
