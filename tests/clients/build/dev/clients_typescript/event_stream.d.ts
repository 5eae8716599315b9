export interface StreamMessage {
    readonly name: string;
    readonly data: string;
}
export declare class EventStreamParser {
    #private;
    retry: number;
    take(text: string): StreamMessage[];
}
