import type { UploadStore } from "./upload.js";
import type { UploadSource } from "./upload_source.js";
export declare function fileSource(path: string): Promise<UploadSource>;
export declare function fileStore(path: string): UploadStore;
