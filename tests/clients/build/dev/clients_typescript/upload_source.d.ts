export interface UploadSource {
    readonly name: string;
    readonly size: number;
    readonly modified: number;
    read(begin: number, end: number): Promise<Blob | Uint8Array>;
}
export type UploadInput = Blob | UploadSource;
export declare function sourceOf(input: UploadInput): UploadSource;
export declare function bytesOf(part: Blob | Uint8Array): Promise<Uint8Array>;
export declare function fingerprintOf(source: UploadSource): Promise<string>;
