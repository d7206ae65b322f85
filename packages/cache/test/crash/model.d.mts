export declare const objects: number;
export declare const idOf: (n: number) => string;
export declare const bytesOf: (n: number, version: number) => Uint8Array;
