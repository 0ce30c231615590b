export { type DoctorInput, examine, examineUrl, write } from './doctor.ts';
export type { Report } from './report.ts';
export { reportLines } from './table.ts';
