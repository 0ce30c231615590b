/** The workload as a script that leaves a function from text to text behind, for engines without a Web platform. */
import { answer } from 'workload';

Object.assign(globalThis, {
  answer: (call: string) => {
    const answered = answer(JSON.parse(call));
    if (typeof answered !== 'string') throw new TypeError('only text can be answered');
    return answered;
  },
});
