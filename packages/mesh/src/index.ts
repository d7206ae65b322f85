/** `@srp/mesh`: who knows whom, and who gets what. */
export { errorCodes } from './errors.js';
export type { MeshDrop, MeshFrame, MeshInput, MeshOptions, MeshOutput } from './contract.js';
export { Mesh } from './mesh.js';
