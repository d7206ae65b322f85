/**
 * The base of every error a caller of SRP can see. Bytes from a peer never become one: they are dropped
 * and counted. `docs/ERRORS.md` lists every code.
 */

/** An error with a stable `code`. Its message says action, rule and value. */
export class SrpError<Code extends string = string> extends Error {
  override readonly name: string = 'SrpError';
  /** Stable, in capitals, listed in docs/ERRORS.md. */
  readonly code: Code;

  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
