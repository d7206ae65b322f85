// Makes `#suite` the noble suite for the process that imports this: what a browser runs, in node.
import { register } from 'node:module';

const suite = new URL('../../dist/suite/noble.js', import.meta.url).href;
const hooks = `export const resolve = (specifier, context, next) =>
  specifier === '#suite' ? { url: ${JSON.stringify(suite)}, shortCircuit: true } : next(specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
