/** Persistence in files. */
export const cacheFileMode = 0o600;
