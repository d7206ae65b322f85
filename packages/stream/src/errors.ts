/** The codes of every error this package throws; docs/ERRORS.md explains each. */
export const errorCodes = [] as const;
