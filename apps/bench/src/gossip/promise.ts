/** js-libp2p calls what Node has from 22 on. Import this before it. */

interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason?: unknown) => void;
}

const withResolvers = <T>(): Resolvers<T> => {
  let [resolve, reject]: [Resolvers<T>['resolve'], Resolvers<T>['reject']] = [() => undefined, () => undefined];
  const promise = new Promise<T>((one, other) => ([resolve, reject] = [one, other]));
  return { promise, resolve, reject };
};

if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers });
