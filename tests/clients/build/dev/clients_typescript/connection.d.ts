export type TokenSource = string | (() => string | Promise<string>);
export declare class Connection {
    #private;
    onUnauthorized: () => void;
    constructor(url: string);
    get url(): string;
    authorize(token: TokenSource): void;
    authorization(): Promise<Record<string, string>>;
    ask(path: string, options?: RequestInit): Promise<Response>;
    send(path: string, options?: RequestInit): Promise<Response>;
    json<T>(path: string, options?: RequestInit): Promise<T>;
}
