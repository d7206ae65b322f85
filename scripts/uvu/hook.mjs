// Loader hook: whoever imports `uvu` gets ./tracked.mjs, which alone gets the real one.
let tracked;

export function initialize(data) {
  tracked = data.tracked;
}

export function resolve(specifier, context, next) {
  if (specifier === 'uvu' && context.parentURL !== tracked) return { url: tracked, format: 'module', shortCircuit: true };
  return next(specifier, context);
}
