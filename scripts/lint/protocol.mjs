// The lint rules of protocol code: a machine is synchronous and has no world. No clock, timer, socket, ambient
// randomness, console or Buffer; what it needs it is given, what it wants it returns. See docs/ARCHITECTURE.md.
import { builtinModules } from 'node:module';

const packages = ['machine', 'identity', 'wire', 'link', 'mesh', 'nat', 'cache', 'stream', 'transfer', 'sim'];

/** Where the rules hold, and where not: a folder `node` is the place for what touches a machine of metal. */
export const protocolFiles = [`packages/{${packages.join(',')}}/src/**/*.ts`, 'packages/peer/src/protocol/**/*.ts'];
export const driverFiles = ['packages/*/src/node/**', 'packages/cache/src/log/**', 'packages/identity/src/suite/node.ts'];

const clock = 'A machine reads no clock: take `now: Instant` as an argument.';
const timer = 'A machine sets no timer: say when in `deadline()`.';
const world = 'A machine has no world: return an output and let the driver act.';
const chance = 'Randomness is a constructor argument: take a `Random`.';
const sync = 'A machine is synchronous: slow work is an output that comes back as an input.';
const bytes = 'Bytes are a Uint8Array; Buffer exists on Node alone.';

const globals = {
  [clock]: ['Date', 'performance', 'Temporal'],
  [timer]: ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
  [sync]: ['queueMicrotask', 'Promise'],
  [world]: ['process', 'console', 'fetch', 'WebSocket', 'navigator', 'localStorage', 'globalThis', 'global', 'window', 'self'],
  [chance]: ['crypto'],
  [bytes]: ['Buffer'],
};

export const protocolRules = {
  'no-restricted-globals': ['error', ...Object.entries(globals).flatMap(([message, names]) => names.map((name) => ({ name, message })))],
  'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: chance }],
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        { regex: `^(node:|(${builtinModules.join('|')})($|/))`, message: world },
        { regex: '^@noble/', importNames: ['randomBytes'], message: chance },
      ],
    },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: ':function[async=true]', message: sync },
    { selector: 'AwaitExpression', message: sync },
    { selector: 'ForOfStatement[await=true]', message: sync },
    { selector: 'ImportExpression', message: sync },
    { selector: 'VariableDeclaration[kind="await using"]', message: sync },
    { selector: 'MemberExpression[property.name=/^random(Bytes|SecretKey|PrivateKey)$/]', message: chance },
  ],
  'no-eval': 'error',
  'no-new-func': 'error',
};
