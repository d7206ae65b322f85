/** Key files. */
export const keyFileMode = 0o600;
