/** How an object that holds a secret shows itself: by name, in `console.log`, in a template and in JSON alike. */

/** The method that node's `util.inspect`, and so `console.log`, asks for. A registered symbol: nothing is imported. */
export const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** A base class of what must not print. Secrets belong into `#private` fields, which no enumeration reaches. */
export abstract class Unprintable {
  /** What may be seen. */
  abstract toString(): string;

  toJSON(): string {
    return this.toString();
  }

  [inspect](): string {
    return this.toString();
  }
}
