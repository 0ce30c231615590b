/** `node:sqlite`: loads, and says at use that functions have no files. */
import { unavailableClasses, unavailableFunctions } from './shared/unavailable.ts';

const module = 'node:sqlite';
const remedy = 'functions have no databases; keep values in the stores of env';

export default {
  ...unavailableFunctions(module, remedy, ['backup']),
  ...unavailableClasses(module, remedy, ['DatabaseSync', 'Session', 'StatementSync']),
  constants: {
    SQLITE_CHANGESET_OMIT: 0,
    SQLITE_CHANGESET_REPLACE: 1,
    SQLITE_CHANGESET_ABORT: 2,
    SQLITE_CHANGESET_DATA: 1,
    SQLITE_CHANGESET_NOTFOUND: 2,
    SQLITE_CHANGESET_CONFLICT: 3,
    SQLITE_CHANGESET_CONSTRAINT: 4,
    SQLITE_CHANGESET_FOREIGN_KEY: 5,
    SQLITE_OK: 0,
    SQLITE_DENY: 1,
    SQLITE_IGNORE: 2,
  },
};
