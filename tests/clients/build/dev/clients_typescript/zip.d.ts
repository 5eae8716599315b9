import { type UploadInput, type UploadSource } from "./upload_source.js";
export declare function zipOf(inputs: readonly UploadInput[], name: string, onRead?: (share: number) => void): Promise<UploadSource>;
