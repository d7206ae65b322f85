/** The suite that runs everywhere. */
export const suiteName = 'noble' as 'node' | 'noble';
