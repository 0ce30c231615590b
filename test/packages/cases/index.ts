import type { PackageCase } from '../package-case.ts';
import { apisCases } from './apis.ts';
import { clientsCases } from './clients.ts';
import { cryptoCases } from './crypto.ts';
import { databasesCases } from './databases.ts';
import { formatsCases } from './formats.ts';
import { httpCases } from './http.ts';
import { markupCases } from './markup.ts';
import { renderingCases } from './rendering.ts';
import { sdksCases } from './sdks.ts';
import { utilitiesCases } from './utilities.ts';
import { validationCases } from './validation.ts';
import { valuesCases } from './values.ts';

export interface PackageKind {
  /** In README. */
  readonly title: string;
  /** The key of a case is the name of its function. */
  readonly cases: Readonly<Record<string, PackageCase>>;
}

/** The cases by the folder of their functions; those that generate code are in one of their own. */
export const packageKinds: Readonly<Record<string, PackageKind>> = {
  http: { title: 'frameworks and routers', cases: httpCases },
  apis: { title: 'GraphQL and tRPC', cases: apisCases },
  rendering: { title: 'pages and templates', cases: renderingCases },
  markup: { title: 'Markdown, HTML, highlighting', cases: markupCases },
  validation: { title: 'validation', cases: validationCases },
  clients: { title: 'clients of services', cases: clientsCases },
  sdks: { title: 'SDKs of services', cases: sdksCases },
  databases: { title: 'SQL builders, logs', cases: databasesCases },
  crypto: { title: 'tokens, ciphers, ids', cases: cryptoCases },
  formats: { title: 'formats of data', cases: formatsCases },
  values: { title: 'dates, numbers, text', cases: valuesCases },
  utilities: { title: 'utilities and state', cases: utilitiesCases },
};

/** Packages that do not work, by name, and why; the functions try to use them. */
export const refusedPackages: Readonly<Record<string, string>> = {
  ioredis: 'opens sockets',
  mongodb: 'opens sockets',
  pg: 'opens sockets',
};
