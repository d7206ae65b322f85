/** Calling what the app gave us. */

/**
 * Calls it. What it throws is the app's, and reaches the process as an uncaught error; the peer finishes what it is
 * doing first, so that no other packet is lost by it.
 */
export const callBack = (call: () => void): void => {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
