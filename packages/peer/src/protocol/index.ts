/** The protocol without a driver. */
export const protocolVersion = 1;
