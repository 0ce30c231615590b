export const items = [
  { id: 1, title: 'Write a function', done: true },
  { id: 2, title: 'Deploy it', done: false },
];
