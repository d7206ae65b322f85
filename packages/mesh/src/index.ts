/** `@srp/mesh`: who knows whom, and who gets what. */
export { errorCodes } from './errors.js';
export type { CustodyRule, MeshDrop, MeshFrame, MeshInput, MeshOptions, MeshOutput } from './contract.js';
export { Mesh } from './mesh.js';
export { topicsMoveAt } from './routing/position.js';
