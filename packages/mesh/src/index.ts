/** `@srp/mesh`: who knows whom, and who gets what. */
export { errorCodes } from './errors.js';
export { Mesh, type MeshDrop, type MeshFrame, type MeshInput, type MeshOptions, type MeshOutput } from './mesh.js';
