/** The suite that node:crypto backs. */
export const suiteName = 'node' as 'node' | 'noble';
