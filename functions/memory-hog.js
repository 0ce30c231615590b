// Takes all the memory that it can get. The answer is 500 when its isolate is full.
//   curl -i localhost:8080/memory-hog
export default function hog() {
  const hoard = [];
  for (;;) hoard.push(new Array(1000));
}
