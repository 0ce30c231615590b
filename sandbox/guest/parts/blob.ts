/** https://w3c.github.io/FileAPI/ and the FormData of https://xhr.spec.whatwg.org. Bytes are in memory, and shared by slices and clones. */
export { Blob, blobBytes, cloneOf, File, isBlob } from './blob/blob.ts';
export { entriesOf, FormData, isFormData } from './blob/form-data.ts';
export { encodeMultipart, parseMultipart } from './blob/multipart.ts';
export { createObjectURL, resolveObjectURL, revokeObjectURL } from './blob/object-url.ts';
