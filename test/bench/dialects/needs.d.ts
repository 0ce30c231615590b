/** What the workload makes use of, filled in when the function is built: what it does not need is not in the function; see functions.ts. */
declare const READS_BODY: boolean;
declare const READS_HEADERS: boolean;
declare const STREAMS: boolean;
