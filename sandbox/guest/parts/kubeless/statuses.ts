/** Texts of statuses, by their codes, as Express 4 has them. */
export { default as statuses } from 'statuses/codes.json';
